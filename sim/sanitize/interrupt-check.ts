/** Interrupts: claimed, served and completed; waited for without a gap; and a timer that is set in the right order. */
import { csr } from '../cpu/csr/rows.ts'
import { interrupt } from '../cpu/trap.ts'
import { plicRegisters } from '../devices/plic.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess, TrapEntry } from '../probe/probe.ts'
import type { RunResult } from '../run-result.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import type { Findings } from './findings.ts'
import type { Places } from './places.ts'
import type { HartSite } from './ring-order.ts'
import type { Reason } from './ring-watch.ts'
import { type AddressKinds, WakeupCheck, WFI } from './wakeup-check.ts'

const MRET = 0x3020_0073
const MSTATUS_MIE = 8
const MSTATUS_MPIE = 0x80
const INTERRUPT = 0x8000_0000
const CLAIM = plicRegisters.find(({ name }) => name === 'claim')!.offset
const MTIMECMP = 0x4000
/** Deadlines behind this one never come. */
const LATEST = 1n << 62n

/** A handler that has not returned. */
interface Handler {
  readonly entry: TrapEntry
  claimed: boolean
  /** Whether it has set the timer, so that it comes again. */
  rearmed: boolean
}

/** An interrupt between claim and completion. */
interface Claimed {
  readonly site: HartSite
  served: boolean
  /** When the hart went to sleep without having completed it. */
  sleptAt?: number
}

export class InterruptCheck {
  private readonly findings: Findings
  private readonly places: Places
  private readonly names: Readonly<Record<'plic' | 'clint' | 'accelerator', string | undefined>>
  private readonly sources: ReadonlyMap<string, number>
  private readonly cyclesPerTick: number
  private readonly wakeup: WakeupCheck
  private readonly handlers: Handler[] = []
  private readonly claimed = new Map<number, Claimed>()
  /** Interrupts that were completed although their devices still asked, with claim and completion. */
  private readonly unserved = new Map<number, { readonly claim: HartSite; readonly completion: HartSite }>()
  /** A handler of external interrupts that has returned without a claim. */
  private unclaimed: TrapEntry | undefined
  private readonly levels = new Map<number, boolean>()
  private status = 0
  private enabled = 0
  /** The last wfi, and whether it was the last instruction. */
  private lastWait: HartSite | undefined
  /** The last handler of an interrupt that was entered. */
  private lastHandler: TrapEntry | undefined
  private compare = 0xffff_ffff_ffff_ffffn
  private halfWritten: { readonly offset: number; readonly site: HartSite; readonly depth: number } | undefined

  constructor(findings: Findings, places: Places, soc: SocDescription, is: AddressKinds) {
    this.findings = findings
    this.places = places
    const nameOf = (kind: 'plic' | 'clint' | 'accelerator') => findBlock(soc, kind)?.name
    this.names = { plic: nameOf('plic'), clint: nameOf('clint'), accelerator: nameOf('accelerator') }
    this.sources = new Map(soc.blocks.flatMap((block) => ('irq' in block ? [[block.name, block.irq]] : [])))
    this.cyclesPerTick = soc.clockHz / soc.timebaseHz
    this.wakeup = new WakeupCheck(findings, places, is)
  }

  /** What is enabled is not known. */
  trustEverything(): void {
    this.enabled = -1
  }

  trap(entry: TrapEntry): void {
    this.handlers.push({ entry, claimed: false, rearmed: false })
    if (entry.cause === INTERRUPT + interrupt.external) this.checkClaimed()
    if (entry.cause >= INTERRUPT) this.lastHandler = entry
    this.status = (this.status & MSTATUS_MIE) !== 0 ? MSTATUS_MPIE : 0
  }

  trapReturn(): void {
    const handler = this.handlers.pop()
    this.status = (this.status & MSTATUS_MPIE) !== 0 ? MSTATUS_MIE | MSTATUS_MPIE : MSTATUS_MPIE
    if (handler === undefined) return
    const { entry, claimed, rearmed } = handler
    if (this.handlers.length === 0 && entry.cause >= INTERRUPT) this.wakeup.handlerEnds(rearmed)
    if (!claimed && entry.cause === INTERRUPT + interrupt.external) this.unclaimed = entry
  }

  /** It comes again, and nobody has claimed it since: masked meanwhile, it would have been right. */
  private checkClaimed(): void {
    const entry = this.unclaimed
    this.unclaimed = undefined
    if (entry === undefined) return
    const side = this.places.hart('interrupt handler', { pc: entry.handler, caller: 0, at: entry.at })
    const message =
      'the handler of an external interrupt returns without reading the claim register; the interrupt stays pending and comes again at once: claim it, serve it, complete it'
    this.findings.add('interrupt-not-claimed', entry.at, message, side)
  }

  line(source: number, level: boolean): void {
    this.levels.set(source, level)
  }

  /** An access to a device. Gives the source when it was a claim. */
  access({ region, offset, write, value, pc, at }: DeviceAccess, caller: number): number | undefined {
    const site = { pc, caller, at }
    const source = this.sources.get(region)
    // Reading the registers of a ring changes nothing; other devices may take that for an answer.
    if (source !== undefined && (write || region !== this.names.accelerator)) {
      const claimed = this.claimed.get(source)
      if (claimed !== undefined) claimed.served = true
      this.unserved.delete(source)
    }
    if (region === this.names.clint && write && value !== undefined) this.timer(offset, value, site)
    if (region !== this.names.plic || offset !== CLAIM || value === undefined) return undefined
    if (write) {
      this.complete(value, site)
      return undefined
    }
    const handler = this.handlers.at(-1)
    if (handler !== undefined) handler.claimed = true
    this.unclaimed = undefined
    if (value === 0) return value
    this.claimed.set(value, { site, served: false })
    this.checkServed(value)
    return value
  }

  /**
   * Instructions with no trap between them. Within a handler what it stores counts, outside of one how a wfi is reached.
   *
   * @param caller return address of the last of them
   */
  instructions(log: InstructionLog, caller: number): void {
    this.lastWait = undefined
    const [outermost] = this.handlers
    if (outermost !== undefined && outermost.entry.cause >= INTERRUPT) this.wakeup.handler(log, caller)
    let control = 0
    for (let i = 0; i < log.count; i++) {
      for (; log.controls[control]?.entry === i; control++) {
        const { csr, value } = log.controls[control]!
        this.control(csr, value, log.raw[i]!)
      }
      if (log.raw[i] === WFI) this.wait(log, i, caller)
      else if (outermost === undefined) this.wakeup.follow(log, i)
    }
  }

  /** A control register was written. */
  private control(number: number, value: number, raw: number): void {
    if (number === csr.mie) this.enabled = value
    // A return from a handler is heard on its own.
    else if (number === csr.mstatus && raw !== MRET) this.status = value
  }

  /**
   * @param explained whether another finding says why nothing goes on
   * @param quiet why an accelerator does not wake the hart
   */
  finish(result: RunResult, explained: boolean, quiet: Reason | undefined): void {
    this.checkCompleted(result)
    if (result.reason !== 'deadlock' || this.lastWait === undefined || explained) return
    const { why, side } = this.whyAsleep(quiet)
    const message = `the hart waits for an interrupt for ever, ${why}`
    this.findings.add('wfi-forever', this.lastWait.at, message, this.places.hart('wfi', this.lastWait), side)
  }

  private whyAsleep(quiet: Reason | undefined): Reason {
    const { enabled, lastHandler, status, places } = this
    if (enabled === 0) return { why: 'as mie enables none; enable it before the wfi, in mie and at its source' }
    if (quiet !== undefined) return quiet
    if (lastHandler === undefined || (status & MSTATUS_MIE) === 0)
      return { why: 'as nothing that mie enables will come; enable it at its source, and at the interrupt controller' }
    return {
      why: 'and the last one was handled before it slept; mask interrupts before the check (wfi wakes all the same) and unmask them behind the wfi',
      side: places.hart('interrupt handler', { pc: lastHandler.handler, caller: 0, at: lastHandler.at }),
    }
  }

  private wait(log: InstructionLog, i: number, caller: number): void {
    const site = { pc: log.pc[i]!, caller, at: log.began[i]! }
    if (i === log.count - 1) this.lastWait = site
    if (this.handlers.length > 0) return
    for (const claimed of this.claimed.values()) claimed.sleptAt ??= site.at
    if ((this.status & MSTATUS_MIE) !== 0) this.wakeup.wait(log, i, site)
  }

  private complete(source: number, site: HartSite): void {
    const claimed = this.claimed.get(source)
    this.claimed.delete(source)
    if (claimed === undefined || claimed.served || this.levels.get(source) !== true) return
    this.unserved.set(source, { claim: claimed.site, completion: site })
  }

  /** It comes again, and nobody has looked at its device since: masked meanwhile, it would have been right. */
  private checkServed(source: number): void {
    const before = this.unserved.get(source)
    if (before === undefined) return
    this.unserved.delete(source)
    const { findings, places } = this
    const { claim, completion } = before
    const message = `interrupt ${this.nameOf(source)} was completed, but nothing was done to its device, which still asks; clear the cause in the device first, or it comes again for ever`
    findings.add(
      'interrupt-not-served',
      completion.at,
      message,
      places.hart('completion', completion),
      places.hart('claim', claim),
    )
  }

  /** `11 (accelerator)` */
  private nameOf(source: number): string {
    const [name] = [...this.sources].find(([, irq]) => irq === source) ?? []
    return name === undefined ? `${source}` : `${source} (${name})`
  }

  private checkCompleted({ reason, cycles }: RunResult): void {
    for (const [source, { site, sleptAt }] of this.claimed) {
      // A run that was given up may be in the middle of a handler.
      if (reason === 'limit' && sleptAt === undefined) continue
      const at = sleptAt ?? cycles
      const message = `interrupt ${this.nameOf(source)} was claimed and not completed; it cannot come again: write ${source} back to the claim register`
      this.findings.add('interrupt-not-completed', at, message, this.places.hart('claim', site))
    }
  }

  private timer(offset: number, value: number, site: HartSite): void {
    if (offset !== MTIMECMP && offset !== MTIMECMP + 4) return
    const now = BigInt(Math.floor(site.at / this.cyclesPerTick))
    const before = this.compare
    const word = BigInt(value >>> 0)
    this.compare = offset === MTIMECMP ? (before & ~0xffff_ffffn) | word : (before & 0xffff_ffffn) | (word << 32n)
    const handler = this.handlers.at(-1)
    if (handler?.entry.cause === INTERRUPT + interrupt.timer) handler.rearmed = this.compare <= LATEST
    const { halfWritten } = this
    const depth = this.handlers.length
    // The handler that came too early.
    if (halfWritten !== undefined && halfWritten.depth < depth) return
    const listens = (this.enabled & (1 << interrupt.timer)) !== 0 && (this.status & MSTATUS_MIE) !== 0
    this.halfWritten = before > now && this.compare <= now && listens ? { offset, site, depth } : undefined
    if (halfWritten === undefined || halfWritten.offset === offset || this.compare <= now) return
    const { findings, places } = this
    const message =
      'between the two writes mtimecmp lies in the past, so the timer interrupts early; write all ones to the low word first, then the high word, then the low word'
    findings.add(
      'timer-fires-early',
      site.at,
      message,
      places.hart('first write of mtimecmp', halfWritten.site),
      places.hart('second write of mtimecmp', site),
    )
  }
}
