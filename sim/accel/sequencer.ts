/**
 * Runs a ring of commands in virtual time. It knows when things happen; what they do is left to
 * `SequencerEffects`, so the simulated block and the compiler's prediction of its timeline are the
 * same code.
 *
 * 1. Fetch the next command of the ring over the RAM port, decode it, check it.
 * 2. Put it into the queue of its unit, or wait until there is room there.
 * 3. A fence only notes what was accepted before it; it completes when all that has completed.
 *
 * An error stops the front end, and the unit in which it happened; other units go on with what they
 * hold until they run dry or wait for a token that never comes. Only a reset leaves this state.
 *
 * Not modelled: the timestamp of a fence takes no time on the RAM port.
 */
import { type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'
import {
  type CommandProblem,
  type CommandRules,
  fieldIndex,
  reissue,
  type SavedCommand,
  saveCommand,
} from './check-command.ts'
import { CommandCache } from './command-cache.ts'
import type { AcceleratorDescription, ParameterValues, Region, RingTiming } from './description.ts'
import { Execution } from './execution.ts'
import { CommandFormat } from './layout.ts'
import type { AcceleratorError, AcceleratorListener, CommandPlace, IssuedCommand } from './listener.ts'
import type { PortContention, Transfer } from './shared-port.ts'
import { Timers } from './timers.ts'
import type { Unit } from './unit.ts'

/** What the commands do to the world. */
export interface SequencerEffects {
  /** Reads the bytes of a command; false on a bus error. */
  fetch(address: number, into: Uint8Array): boolean
  /** Makes a command's effect visible; returns the bus address that answered with an error, if one did. */
  execute(command: IssuedCommand): number | undefined
  /** A fence completed. */
  fence(sequence: number, interrupt: boolean): void
  /** The ring stopped. */
  stopped(error: AcceleratorError): void
}

/** A fence and how many commands each unit had accepted before it. */
interface OpenFence {
  readonly command: IssuedCommand
  readonly after: readonly number[]
}

/** A command on its way from the ring: a request, a transfer over the RAM port, then (`place` is known) decoding. */
interface Fetch {
  readonly began: number
  place?: CommandPlace | undefined
  timer?: ScheduledEvent | undefined
  transfer?: Transfer | undefined
}

const hex = (value: number) => `0x${value.toString(16)}`

export class Sequencer {
  /** Totals since they were last cleared; cycles are those of the SoC. */
  readonly totals = { frontEndBusy: 0, frontEndStalled: 0, commands: 0, macs: 0, bytesRead: 0, bytesWritten: 0 }
  error: AcceleratorError | undefined
  head = 0
  tail = 0

  private readonly rules: CommandRules
  private readonly timing: RingTiming
  private readonly events: EventQueue
  private readonly timers: Timers
  private readonly execution: Execution
  private readonly effects: SequencerEffects
  private readonly listener: AcceleratorListener
  private readonly cache: CommandCache
  private enabled = false
  private base = 0
  private size = 0
  private slot = 0
  private fetching: Fetch | undefined
  /** A command that found the queue of its unit full. */
  private stalled: { command: IssuedCommand; since: number } | undefined
  private fences: OpenFence[] = []

  constructor(
    description: AcceleratorDescription,
    parameters: ParameterValues,
    events: EventQueue,
    effects: SequencerEffects,
    listener: AcceleratorListener = {},
    contention?: PortContention,
  ) {
    const format = new CommandFormat(description)
    this.rules = { description, parameters, format, memories: description.memories(parameters) }
    this.timing = description.frontEnd.timing(parameters)
    this.events = events
    this.timers = new Timers(events, this.timing.clockDivider)
    this.effects = effects
    this.listener = listener
    this.cache = new CommandCache(this.rules)
    const sink = {
      apply: (command: IssuedCommand) => this.apply(command),
      completed: () => this.completeFences(),
      roomIn: (unit: Unit) => this.resume(unit),
      tokenOverflow: (message: string) => this.stop({ kind: 'token', message }),
    }
    this.execution = new Execution(description.units, this.timing, events, sink, listener, contention)
  }

  get units(): readonly Unit[] {
    return this.execution.units
  }

  /** Nothing is left to do, in the ring, the queues, the units and the fences. */
  get idle(): boolean {
    const fetched = this.fetching !== undefined || this.stalled !== undefined || this.fences.length > 0
    return this.head === this.tail && !fetched && this.units.every((unit) => unit.idle)
  }

  /** Starts a new stream of `size` slots at `base`; only while idle. */
  open(base: number, size: number): void {
    this.base = base
    this.size = size
    this.slot = 0
    this.head = 0
    this.tail = 0
  }

  enable(on: boolean): void {
    this.enabled = on
    this.fetchNext()
  }

  /** The doorbell: `tail` commands are ready, counted from `open`. Stops the ring when that is more than fit. */
  submit(tail: number): void {
    const ready = (tail - this.head) >>> 0
    if (ready > this.size) {
      const message = `RING_TAIL = ${tail} is ${ready} commands ahead of RING_HEAD, in a ring of ${this.size} slots`
      this.stop({ kind: 'ring', message })
    } else this.tail = tail >>> 0
    this.fetchNext()
  }

  /** Stops the ring; only the first error counts. */
  stop(error: AcceleratorError): void {
    if (this.error !== undefined) return
    this.error = error
    this.listener.error?.(error, this.events.now)
    this.effects.stopped(error)
  }

  /** Back to the state after power-up, but for the counters. */
  reset(): void {
    this.timers.reset()
    this.execution.reset()
    this.error = undefined
    this.enabled = false
    this.fetching = undefined
    this.stalled = undefined
    this.fences = []
    this.open(0, 0)
    this.listener.reset?.(this.events.now)
  }

  save() {
    const { head, tail, enabled, base, size, slot, error, stalled, fetching, execution } = this
    return {
      ring: { head, tail, enabled, base, size, slot },
      error: error && { ...error },
      totals: { ...this.totals },
      bytes: this.cache.bytes.slice(),
      stalled: stalled && { command: saveCommand(stalled.command), since: stalled.since },
      fences: this.fences.map(({ command, after }) => ({ command: saveCommand(command), after })),
      fetching: fetching && {
        began: fetching.began,
        place: fetching.place,
        timer: placeOf(fetching.timer),
        transfer: execution.port.placeOf(fetching.transfer),
      },
      execution: execution.save(),
    }
  }

  restore({ ring, error, totals, bytes, stalled, fences, fetching, execution }: ReturnType<Sequencer['save']>): void {
    const again = (command: SavedCommand) => reissue(this.rules, command)
    this.timers.reset()
    this.execution.restore(execution, again)
    Object.assign(this, ring)
    Object.assign(this.totals, totals)
    this.error = error
    this.cache.bytes.set(bytes)
    this.stalled = stalled && { command: again(stalled.command), since: stalled.since }
    const perUnit = (after: readonly number[]) => this.units.map((_, index) => after[index]!)
    this.fences = fences.map(({ command, after }) => ({ command: again(command), after: perUnit(after) }))
    this.fetching = fetching && this.resumeFetch(fetching)
  }

  clearCounters(): void {
    for (const { counters } of this.units) Object.assign(counters, { busy: 0, waitToken: 0, waitBus: 0 })
    for (const key of Object.keys(this.totals)) this.totals[key as keyof typeof this.totals] = 0
  }

  /** What keeps the block from getting on, as a sentence; undefined when it is idle or at work. */
  waitingFor(): string | undefined {
    if (this.error !== undefined) return `the ring stopped: ${this.error.message}`
    if (this.fetching !== undefined) return undefined
    if (this.head !== this.tail && !this.enabled)
      return `${(this.tail - this.head) >>> 0} commands are in the ring, but CONTROL.enable is 0`
    return this.execution.waitingFor()
  }

  private fetchNext(): void {
    const blocked = this.fetching !== undefined || this.stalled !== undefined || this.error !== undefined
    if (!this.enabled || blocked || this.head === this.tail) return
    const fetch: Fetch = { began: this.events.now }
    this.fetching = fetch
    fetch.timer = this.timers.after(this.timing.fetch.cycles, () => this.transfer(fetch))
  }

  private transfer(fetch: Fetch): void {
    const busCycles = (this.timing.fetch.busCycles ?? 0) * this.timing.clockDivider
    fetch.timer = undefined
    fetch.transfer = this.execution.port.begin(busCycles, () => this.fetched(fetch))
  }

  private fetched(fetch: Fetch): void {
    fetch.transfer = undefined
    const { bytes } = this.cache
    const place = { index: this.head, address: this.base + this.slot * bytes.length }
    if (!this.effects.fetch(place.address, bytes)) {
      this.fetching = undefined
      const message = `command ${place.index} cannot be fetched: bus error at ${hex(place.address)}`
      this.stop({ kind: 'fetch', ...place, busAddress: place.address, message })
      return
    }
    this.head = (this.head + 1) >>> 0
    this.slot = (this.slot + 1) % this.size
    this.listener.fetched?.(place, this.events.now, bytes)
    fetch.place = place
    fetch.timer = this.timers.after(this.timing.decodeCycles, () => this.decode(fetch, place))
  }

  private decode({ began }: Fetch, place: CommandPlace): void {
    this.totals.frontEndBusy += this.events.now - began
    this.fetching = undefined
    if (this.error !== undefined) return
    const slot = (place.address - this.base) / this.cache.bytes.length
    const checked = this.cache.check(slot, place)
    if ('spec' in checked) this.dispatch(checked)
    else this.reject(checked, place)
  }

  private resumeFetch({
    began,
    place,
    timer,
    transfer,
  }: NonNullable<ReturnType<Sequencer['save']>['fetching']>): Fetch {
    const fetch: Fetch = { began, place }
    const action = () => (place === undefined ? this.transfer(fetch) : this.decode(fetch, place))
    if (timer !== undefined) fetch.timer = this.timers.resume(timer, action)
    if (transfer !== undefined) fetch.transfer = this.execution.port.resume(transfer, () => this.fetched(fetch))
    return fetch
  }

  private dispatch(command: IssuedCommand): void {
    const unit = this.units.find(({ name }) => name === command.spec.unit)
    if (unit === undefined) {
      this.fences.push({ command, after: this.units.map(({ accepted }) => accepted) })
      this.listener.queued?.(command, this.events.now)
      this.completeFences()
    } else if (!this.execution.accept(unit, command)) this.stalled = { command, since: this.events.now }
    this.fetchNext()
  }

  /** A queue has room: the command that waited for it moves up. */
  private resume(unit: Unit): void {
    if (this.stalled?.command.spec.unit !== unit.name || this.error !== undefined) return
    const { command, since } = this.stalled
    this.totals.frontEndStalled += this.events.now - since
    this.stalled = undefined
    this.execution.accept(unit, command)
    this.fetchNext()
  }

  private completeFences(): void {
    while (this.fences.length > 0) {
      const { command, after } = this.fences[0]!
      if (!this.units.every(({ completed }, index) => completed >= after[index]!)) return
      this.fences.shift()
      if (!this.apply(command)) return
      const { sequence, interrupt } = command.fields
      this.listener.finished?.(command, this.events.now)
      this.listener.fence?.(sequence!, this.events.now)
      this.effects.fence(sequence!, interrupt !== 0)
    }
  }

  /** Lets a command take effect and counts it; stops the ring when the bus answers with an error. */
  private apply(command: IssuedCommand): boolean {
    const busAddress = this.effects.execute(command)
    if (busAddress !== undefined) {
      const field = command.regions.find(({ memory }) => memory === 'ram')?.field
      const message = `bus error at ${hex(busAddress)}`
      this.reject({ kind: 'bus', message, ...(field === undefined ? {} : { field }) }, command, command, busAddress)
      return false
    }
    this.totals.commands++
    this.totals.macs += command.spec.macs?.(command.fields, this.rules.parameters) ?? 0
    this.totals.bytesRead += ramBytes(command.regions, 'read')
    this.totals.bytesWritten += ramBytes(command.regions, 'write')
    return true
  }

  /** Stops the ring because of a command. */
  private reject(
    { kind, field, message }: CommandProblem,
    { index, address }: CommandPlace,
    command = this.rules.format.decode(this.cache.bytes),
    busAddress?: number,
  ): void {
    const name = command === undefined ? '' : ` (${command.name})`
    this.stop({
      kind,
      index,
      address,
      message: `command ${index}${name} at ${hex(address)}: ${message}`,
      ...(field === undefined ? {} : { field, fieldIndex: fieldIndex(command, field) }),
      ...(busAddress === undefined ? {} : { busAddress }),
    })
  }
}

/** Bytes that regions read from or write to RAM. */
function ramBytes(regions: readonly Region[], access: Region['access']): number {
  let total = 0
  for (const { memory, bytes, repeat, access: kind } of regions)
    if (memory === 'ram' && kind === access)
      total += (repeat ?? []).reduce((product, { count }) => product * count, bytes)
  return total
}
