/** What the hart says to a ring front end and hears from it, and the rules for both. */
import type { AcceleratorDescription } from '../accel/description.ts'
import type { AcceleratorError } from '../accel/listener.ts'
import { control, irq, STATUS_FIRST_UNIT, status } from '../accel/ring-registers.ts'
import type { DeviceAccess } from '../probe/probe.ts'
import type { RunResult } from '../run-result.ts'
import type { Side } from './finding.ts'
import type { Findings } from './findings.ts'
import type { Kind } from './kinds.ts'
import type { Places } from './places.ts'
import type { CommandInfo, HartSite, RingOrder } from './ring-order.ts'
import { stuckCommands } from './stuck-commands.ts'

/** Errors that are a mistake of their own, whatever firmware does about them. */
const mistakes: Readonly<Partial<Record<AcceleratorError['kind'], Kind>>> = {
  range: 'outside-scratchpad',
  reserved: 'reserved-command-bits',
  token: 'token-overflow',
}

/** Why something does not happen, and who is to blame. */
export interface Reason {
  readonly why: string
  readonly side?: Side
}

export class RingWatch {
  private readonly findings: Findings
  private readonly places: Places
  private readonly order: RingOrder
  private readonly names: ReadonlyMap<number, string>
  private readonly units: readonly string[]
  /** The error that the block has stopped at, and whether firmware has looked at it. */
  private error: { readonly is: AcceleratorError; readonly at: number; seen: boolean } | undefined
  /** An error that the access under way has caused. */
  private fresh: AcceleratorError | undefined
  private lastDoorbell: HartSite | undefined
  /** Bits of IRQ_STATUS that are set, and those of them that firmware has learned of. */
  private raised = 0
  private seen = 0
  /** Bits of IRQ_STATUS that were read and not written back: writing them back is right, whatever came in between. */
  private answering = 0
  private interrupts = 0
  /** Bits that were cleared unseen; a look at what they are about makes that right. */
  private lost: { bits: number; readonly site: HartSite } | undefined

  constructor(findings: Findings, places: Places, order: RingOrder, description: AcceleratorDescription) {
    this.findings = findings
    this.places = places
    this.order = order
    this.names = new Map(description.registers.map(({ offset, name }) => [offset, name]))
    this.units = description.units
  }

  /** What is enabled is not known. */
  trustEverything(): void {
    this.interrupts = -1
  }

  stopped(error: AcceleratorError, at: number): void {
    this.error = { is: error, at, seen: false }
    this.raise(irq.error)
    this.fresh = error.kind === 'ring' ? error : undefined
    const kind = mistakes[error.kind]
    if (kind === undefined) return
    const site = this.lastDoorbell
    const side = site && this.places.hart(error.index === undefined ? 'doorbell' : `command ${error.index}`, site)
    this.findings.add(kind, at, `${error.message}; the accelerator has stopped there`, side)
  }

  /** An access of the hart to the block's registers. */
  access({ offset, write, value, pc, at }: DeviceAccess, caller: number): void {
    const name = this.names.get(offset)
    if (name === undefined || value === undefined) return
    const site = { pc, caller, at }
    if (write) this.write(name, value, site)
    else this.read(name, value)
    this.fresh = undefined
  }

  /** A fence has completed that interrupts, or the ring has stopped. */
  raise(bit: number): void {
    this.raised |= bit
    this.seen &= ~bit
  }

  /** The interrupt of the block was claimed. */
  claimed(): void {
    this.order.seeInterrupt()
    // Only one event can have raised it.
    if ((this.interrupts & (this.interrupts - 1)) === 0) this.see(this.interrupts)
  }

  /** The run has ended. Whether that explains why nothing goes on. */
  finish({ cycles: at, reason }: RunResult): boolean {
    const { order, findings, places } = this
    this.checkLost()
    if (this.checkWaiting(at)) return true
    if (this.error !== undefined && !this.error.seen) {
      this.error.seen = true
      const side = this.lastDoorbell && places.hart('doorbell', this.lastDoorbell)
      findings.add(
        'error-ignored',
        at,
        `the program ends without having looked at an error: ${this.error.is.message}; check STATUS or ERROR_CODE`,
        side,
      )
    }
    if (reason !== 'exit') return false
    const unfinished = order.unfinishedForHart()
    if (unfinished !== undefined && this.error === undefined) {
      const message = `the program ends without knowing that ${unfinished.name} (command ${unfinished.index}) is done; wait for a fence behind it`
      findings.add('exit-while-busy', at, message, places.command(unfinished))
    } else if (order.head !== order.tail && this.error === undefined && this.lastDoorbell !== undefined) {
      const message = `the program ends with commands ${order.head} to ${order.tail - 1} never fetched${order.enabled ? '' : ', as CONTROL.enable is not set'}; wait for a fence behind them`
      findings.add('exit-while-busy', at, message, places.hart('doorbell', this.lastDoorbell))
    }
    this.checkTokens(at)
    return false
  }

  /** Why the block does not wake a hart that sleeps for ever, when there is something to wake it for. */
  whyQuiet(): Reason | undefined {
    const { order, places, lastDoorbell } = this
    const [working] = order.active.values()
    if (working !== undefined) {
      const { info } = working
      return { why: `as ${info.name} (command ${info.index}) does not end`, side: places.command(info) }
    }
    if (!order.enabled && order.head !== order.tail && lastDoorbell !== undefined)
      return {
        why: 'as the accelerator fetches nothing: set CONTROL.enable',
        side: places.hart('doorbell', lastDoorbell),
      }
    const unheard = order.unheardFence()
    if (unheard === undefined) return undefined
    const { info, interrupts } = unheard
    const cause = !interrupts
      ? 'it does not interrupt: set its field interrupt, or read FENCE instead of sleeping'
      : (this.interrupts & irq.fence) === 0
        ? 'its interrupt is masked: set the bit fence of IRQ_ENABLE'
        : 'its interrupt does not get through: enable it at the interrupt controller and in mie'
    return {
      why: `although ${info.name} (command ${info.index}) is complete, because ${cause}`,
      side: places.command(info),
    }
  }

  private write(name: string, value: number, site: HartSite): void {
    const { order } = this
    if (name === 'RING_TAIL' || name === 'RING_BASE' || name === 'CONTROL') this.checkLost()
    if (name === 'RING_TAIL') {
      if (this.error !== undefined && this.fresh === undefined) this.goesOn(site)
      if (this.fresh !== undefined) this.report('ring-overrun', this.fresh, site)
      else order.submit(value, site)
      this.lastDoorbell = site
    } else if (name === 'RING_BASE' || name === 'RING_SIZE') {
      if (name === 'RING_BASE' && value % 4 !== 0) {
        const message = `RING_BASE = 0x${value.toString(16)} is no multiple of 4; align the commands`
        this.findings.add('ring-misaligned', site.at, message, this.places.hart('write by the hart', site))
      } else if (this.fresh !== undefined) this.report('ring-moved-while-busy', this.fresh, site)
      else if (name === 'RING_BASE') {
        this.checkTokens(site.at)
        order.open(value)
      }
    } else if (name === 'IRQ_ENABLE') this.interrupts = value
    else if (name === 'IRQ_STATUS') this.clear(value, site)
    else if (name === 'CONTROL') {
      if ((value & control.reset) !== 0) {
        this.error = undefined
        this.raised = 0
        this.answering = 0
        this.interrupts = 0
        order.reset()
      } else order.enable((value & control.enable) !== 0)
    }
  }

  private read(name: string, value: number): void {
    const { order } = this
    if (name === 'FENCE') {
      this.see(irq.fence)
      order.readFence()
    } else if (name === 'RING_HEAD') order.readHead()
    else if (name === 'IRQ_STATUS') {
      this.see(value)
      this.answering |= value
      if ((value & irq.fence) !== 0) order.seeInterrupt()
      if ((value & irq.error) !== 0) this.look()
    } else if (name === 'ERROR_CODE') this.look()
    else if (name === 'STATUS') {
      if ((value & status.error) !== 0) this.look()
      if ((value & status.idle) !== 0) {
        this.see(irq.fence)
        order.readAllIdle()
      }
      for (const unit of this.units.keys()) if (((value >> (STATUS_FIRST_UNIT + unit)) & 1) === 0) order.readIdle(unit)
    }
  }

  /** The hart has learned of the error: the front end fetches no more. */
  private look(): void {
    this.order.readHead()
    this.see(irq.error)
    if (this.error !== undefined) this.error.seen = true
  }

  /** Firmware knows of events. */
  private see(bits: number): void {
    this.seen |= bits
    if (this.lost !== undefined) this.lost.bits &= ~bits
  }

  private clear(value: number, site: HartSite): void {
    const lost = value & this.raised & ~this.seen & ~this.answering
    this.raised &= ~value
    this.answering &= ~value
    if (lost !== 0) this.lost = { site, ...this.lost, bits: lost | (this.lost?.bits ?? 0) }
  }

  /** Clearing an event that nobody knows of loses it, when work goes on without a look at what it was about. */
  private checkLost(): void {
    const { lost } = this
    this.lost = undefined
    if (lost === undefined || lost.bits === 0) return
    const [event, place] = (lost.bits & irq.error) !== 0 ? ['an error', 'ERROR_CODE'] : ['a completed fence', 'FENCE']
    const message = `IRQ_STATUS is cleared although nobody has read that ${event} has set it, so the event is lost; read IRQ_STATUS and write back what was read, or read ${place} behind the write`
    this.findings.add(
      'interrupt-cleared-unseen',
      lost.site.at,
      message,
      this.places.hart('write by the hart', lost.site),
    )
  }

  private goesOn(site: HartSite): void {
    const message = `new work is queued although the accelerator has stopped: ${this.error!.is.message}; check STATUS, and reset before going on`
    this.error!.seen = true
    this.findings.add('error-ignored', site.at, message, this.places.hart('doorbell', site))
  }

  private report(kind: Kind, { message }: AcceleratorError, site: HartSite): void {
    const way = kind === 'ring-overrun' ? 'wait until RING_HEAD has moved on' : 'wait until STATUS says idle'
    this.findings.add(kind, site.at, `${message}; ${way}`, this.places.hart('write by the hart', site))
  }

  /** At the end of a stream nothing may be left over, in either direction. */
  private checkTokens(at: number): void {
    const { order, findings, places } = this
    if (this.error !== undefined) return
    const name = (unit: number) => this.units[unit]!
    for (const [key, tokens] of order.tokens) {
      const [from, to] = [Math.floor(key / this.units.length), key % this.units.length] as const
      const [left] = tokens
      const waits = [...order.active.values()].some(({ info }) => info.unit === name(to))
      if (left === undefined || waits) continue
      const message = `${name(from)} has given ${name(to)} ${tokens.length === 1 ? 'a token' : `${tokens.length} tokens`} that no command takes; from then on every wait of ${name(to)} for ${name(from)} ends too early: remove the signal, or wait for it`
      findings.add('surplus-token', at, message, places.command(left.giver, `that signals ${name(to)}`))
    }
    order.tokens.clear()
  }

  /** The run has ended: commands that wait for tokens while no unit works do so for ever. Whether there are any. */
  private checkWaiting(at: number): boolean {
    const waiting = stuckCommands(this.order)
    for (const { info, lacks, giver } of waiting) {
      const givers = lacks.map((unit) => this.units[unit]!).join(' and ')
      const command = ({ name, index }: CommandInfo) => `${name} (command ${index})`
      const message =
        lacks.length === 0 && giver !== undefined
          ? `${command(info)} waits for a token from ${command(giver)}, which waits for a token itself; remove the wait, or let another command of ${giver.unit} give the first one`
          : `${command(info)} waits for a token from ${givers} that no command gives; let a command of ${givers} signal ${info.unit}`
      const side = lacks.length === 0 && giver !== undefined ? this.places.command(giver) : undefined
      this.findings.add('missing-token', at, message, this.places.command(info), side)
    }
    return waiting.length > 0
  }
}
