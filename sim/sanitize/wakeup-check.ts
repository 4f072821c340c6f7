/**
 * Waits with a gap: the hart looks whether something has come and sleeps if not, but an interrupt in between is handled
 * and cannot wake it any more. Seen in runs in which all went well, by what is checked before a wfi with interrupts
 * unmasked, and written by handlers. A handler of the timer that sets the next deadline does no harm: it wakes the hart.
 */
import { ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Findings } from './findings.ts'
import type { Places } from './places.ts'
import type { HartSite } from './ring-order.ts'

export const WFI = 0x1050_0073
/** Retired instructions between a load and the wfi that it decides about, at most. */
const NEAR = 8
/** The same for a load that is done again so soon behind the wfi: the hart checks in a loop. */
const FAR = 48
const PAGE = ~0xfff

/** A load that may have decided about a wfi. */
interface Check {
  readonly key: number
  readonly site: HartSite
}

/** What addresses are. */
export interface AddressKinds {
  readonly stack: (address: number) => boolean
  /** Name of the device there, if it is one. */
  readonly device: (address: number) => string | undefined
}

export class WakeupCheck {
  private readonly findings: Findings
  private readonly places: Places
  private readonly is: AddressKinds
  /** Places that are checked before a wfi, and places that handlers write. */
  private readonly checked = new Map<number, HartSite>()
  private readonly handled = new Map<number, HartSite>()
  /** Places that the handler at work has written. */
  private readonly handling = new Map<number, HartSite>()
  /** Loads before the last wfi, by address of the instruction, that are checks if they are done again. */
  private readonly candidates = new Map<number, Check>()
  private sinceWait = 0

  constructor(findings: Findings, places: Places, is: AddressKinds) {
    this.findings = findings
    this.places = places
    this.is = is
  }

  /** Instructions of a handler of an interrupt. */
  handler(log: InstructionLog, caller: number): void {
    for (let i = 0; i < log.count; i++) {
      const address = log.address[i]!
      if ((log.access[i]! & ACCESS_STORE) === 0 || this.is.stack(address)) continue
      this.handling.set(this.keyOf(address), { pc: log.pc[i]!, caller, at: log.began[i]! })
    }
  }

  /** The handler returns, and may come again on its own. */
  handlerEnds(comesAgain: boolean): void {
    for (const [key, site] of this.handling) {
      if (comesAgain) break
      this.handled.set(key, site)
      this.compare(key)
    }
    this.handling.clear()
  }

  /** Entry `i`, outside of all handlers, after a wfi. */
  follow(log: InstructionLog, i: number): void {
    if (this.candidates.size === 0) return
    const check = this.candidates.get(log.pc[i]!)
    if (check !== undefined) this.add(check)
    if (++this.sinceWait > FAR) this.candidates.clear()
  }

  /** Entry `i`, outside of all handlers, is a wfi with interrupts unmasked. */
  wait(log: InstructionLog, i: number, site: HartSite): void {
    this.candidates.clear()
    this.sinceWait = 0
    let last = true
    for (let at = i - 1; at >= Math.max(0, i - FAR) && log.raw[at] !== WFI; at--) {
      const address = log.address[at]!
      if ((log.access[at]! & ACCESS_LOAD) === 0 || this.is.stack(address)) continue
      const check = { key: this.keyOf(address), site }
      if (last && i - at <= NEAR) this.add(check)
      else this.candidates.set(log.pc[at]!, check)
      last = false
    }
  }

  private add({ key, site }: Check): void {
    if (!this.checked.has(key)) this.checked.set(key, site)
    this.compare(key)
  }

  /** Words of memory one by one; all registers of a device together. */
  private keyOf(address: number): number {
    return (this.is.device(address) === undefined ? address & ~3 : address & PAGE) >>> 0
  }

  private compare(key: number): void {
    const check = this.checked.get(key)
    const handler = this.handled.get(key)
    if (check === undefined || handler === undefined) return
    const { findings, places } = this
    const what = this.is.device(key) ?? places.addressText(key)
    const message = `an interrupt between the check of ${what} and the wfi is handled before the hart sleeps, and does not wake it; mask interrupts before the check (wfi wakes all the same) and unmask them behind the wfi`
    findings.add(
      'lost-wakeup',
      check.at,
      message,
      places.hart('check and wfi', check),
      places.hart('interrupt handler', handler),
    )
  }
}
