/**
 * The units of an accelerator at work: queues, tokens between units, one RAM port under them.
 *
 * 1. A unit takes the first command of its queue when all tokens that it waits for are there.
 * 2. It works for `cycles`, then needs the RAM port for `busCycles`, shared with whoever else wants it.
 * 3. The effect becomes visible, then the command's tokens are given.
 *
 * A unit in which an error happens halts and gives no tokens.
 */
import { type EventQueue, placeOf } from '../events.ts'
import { type SavedCommand, saveCommand } from './check-command.ts'
import type { RingTiming } from './description.ts'
import type { AcceleratorListener, IssuedCommand } from './listener.ts'
import { type PortContention, SharedPort } from './shared-port.ts'
import { Timers } from './timers.ts'
import { type RunningCommand, TOKEN_LIMIT, Unit, unitsOf } from './unit.ts'

/** Where the units report to. */
export interface ExecutionSink {
  /** Makes a command's effect visible; false when that failed. */
  apply(command: IssuedCommand): boolean
  /** The command has completed, its tokens are given. */
  completed(command: IssuedCommand): void
  /** The queue of a unit has room again. */
  roomIn(unit: Unit): void
  /** A token could not be counted. */
  tokenOverflow(message: string): void
}

export class Execution {
  readonly units: readonly Unit[]
  readonly port: SharedPort
  private readonly events: EventQueue
  private readonly timing: RingTiming
  private readonly timers: Timers
  private readonly sink: ExecutionSink
  private readonly listener: AcceleratorListener

  constructor(
    names: readonly string[],
    timing: RingTiming,
    events: EventQueue,
    sink: ExecutionSink,
    listener: AcceleratorListener,
    contention?: PortContention,
  ) {
    this.units = names.map((name, index) => new Unit(name, index, names.length))
    this.port = new SharedPort(events, contention)
    this.events = events
    this.timing = timing
    this.timers = new Timers(events, timing.clockDivider)
    this.sink = sink
    this.listener = listener
  }

  /** Queues a command; false when the queue of its unit is full. */
  accept(unit: Unit, command: IssuedCommand): boolean {
    if (unit.queue.length >= this.timing.queueDepth) return false
    if (unit.idle) unit.readySince = this.events.now
    unit.queue.push(command)
    unit.accepted++
    this.listener.queued?.(command, this.events.now)
    this.startNext(unit)
    return true
  }

  save() {
    return { port: this.port.save(), units: this.units.map((unit) => this.saveUnit(unit)) }
  }

  /** @param reissue makes a saved command again */
  restore({ port, units }: ReturnType<Execution['save']>, reissue: (command: SavedCommand) => IssuedCommand): void {
    this.timers.reset()
    this.port.restore(port)
    for (const unit of this.units) this.restoreUnit(unit, units[unit.index]!, reissue)
  }

  reset(): void {
    this.timers.reset()
    this.port.reset()
    for (const unit of this.units) unit.reset()
  }

  /** The first wait for a token that has not come, as a sentence; undefined while any unit works. */
  waitingFor(): string | undefined {
    if (this.units.some((unit) => unit.running !== undefined && !unit.halted)) return undefined
    for (const unit of this.units) {
      const [from] = unit.missingTokens()
      if (from === undefined) continue
      const { name, index } = unit.queue[0]!
      return `unit ${unit.name} waits for a token from ${this.units[from]!.name} before command ${index} (${name})`
    }
    return undefined
  }

  private startNext(unit: Unit): void {
    const command = unit.queue[0]
    if (command === undefined || unit.running !== undefined || unit.stuck || unit.missingTokens().length > 0) return
    const began = this.events.now
    unit.counters.waitToken += began - unit.readySince
    unit.queue.shift()
    const running: RunningCommand = { command, began, wanted: began }
    unit.running = running
    for (const from of unitsOf(command.fields.wait!)) this.moveToken(from, unit, -1)
    this.listener.started?.(command, began)
    running.timer = this.timers.after(command.cost.cycles, () => this.transfer(unit, running))
    this.sink.roomIn(unit)
  }

  private transfer(unit: Unit, running: RunningCommand): void {
    const busCycles = this.busCycles(running.command)
    running.timer = undefined
    running.wanted = this.events.now
    if (busCycles === 0) this.finish(unit, running)
    else running.transfer = this.port.begin(busCycles, () => this.finish(unit, running))
  }

  private busCycles({ cost }: IssuedCommand): number {
    return (cost.busCycles ?? 0) * this.timing.clockDivider
  }

  private finish(unit: Unit, running: RunningCommand): void {
    const { command, began, wanted } = running
    running.transfer = undefined
    if (unit.stuck) return
    unit.counters.waitBus += this.events.now - wanted - this.busCycles(command)
    unit.counters.busy += this.events.now - began
    unit.halted = !this.sink.apply(command)
    // A halted unit keeps its command, so that it neither starts another nor looks idle.
    if (unit.halted) return
    unit.running = undefined
    unit.completed++
    unit.readySince = this.events.now
    this.listener.finished?.(command, this.events.now)
    for (const to of unitsOf(command.fields.signal!)) this.moveToken(unit.index, this.units[to]!, 1)
    this.sink.completed(command)
    for (const each of this.units) this.startNext(each)
  }

  private saveUnit({ queue, running, tokens, counters, halted, accepted, completed, readySince }: Unit) {
    const atWork = running && {
      command: saveCommand(running.command),
      began: running.began,
      wanted: running.wanted,
      timer: placeOf(running.timer),
      transfer: this.port.placeOf(running.transfer),
    }
    const progress = { halted, accepted, completed, readySince }
    return { queue: queue.map(saveCommand), atWork, tokens: [...tokens], counters: { ...counters }, progress }
  }

  private restoreUnit(
    unit: Unit,
    { queue, atWork, tokens, counters, progress }: ReturnType<Execution['saveUnit']>,
    reissue: (command: SavedCommand) => IssuedCommand,
  ): void {
    unit.queue.splice(0, unit.queue.length, ...queue.map(reissue))
    unit.tokens.splice(0, unit.tokens.length, ...tokens)
    Object.assign(unit.counters, counters)
    Object.assign(unit, progress)
    unit.running = undefined
    if (atWork === undefined) return
    const { command, began, wanted, timer, transfer } = atWork
    const running: RunningCommand = { command: reissue(command), began, wanted }
    unit.running = running
    if (timer !== undefined) running.timer = this.timers.resume(timer, () => this.transfer(unit, running))
    if (transfer !== undefined) running.transfer = this.port.resume(transfer, () => this.finish(unit, running))
  }

  private moveToken(from: number, to: Unit, change: 1 | -1): void {
    const count = to.tokens[from]! + change
    const giver = this.units[from]!.name
    if (count > TOKEN_LIMIT) {
      this.sink.tokenOverflow(`${giver} gave ${to.name} more than ${TOKEN_LIMIT} tokens that were not taken`)
      return
    }
    to.tokens[from] = count
    this.listener.token?.(giver, to.name, count, this.events.now)
  }
}
