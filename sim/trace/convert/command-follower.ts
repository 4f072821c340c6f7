/**
 * What an accelerator's units work on and what waits for them, from the events of its commands. Not every command
 * finishes: one that fails ends with the error that names it, and a reset drops all that waits or runs.
 */
import { movesData, type TraceCommand, type TraceEvent } from '../events.ts'

export interface CommandListener {
  begin(command: TraceCommand, at: number): void
  end(command: TraceCommand, at: number): void
  /** So many commands wait in the queue of a unit; fences wait in that of the front end, and are carried out by no unit. */
  waiting(unit: string, count: number, at: number): void
  /** So many units move data between RAM and the accelerator. */
  transfers(count: number, at: number): void
}

export class CommandFollower {
  private readonly listener: CommandListener
  /** Indices of the commands that wait, by unit. Those that came before the part of a trace that is read are unknown. */
  private readonly queues = new Map<string, Set<number>>()
  private readonly running = new Map<string, TraceCommand>()
  private transfers = 0

  constructor(listener: CommandListener) {
    this.listener = listener
  }

  event(event: TraceEvent): void {
    if (event.kind === 'queued') this.queued(event.command, event.at)
    else if (event.kind === 'started') this.started(event.command, event.at)
    else if (event.kind === 'finished') this.finished(event.command, event.at)
    else if (event.kind === 'error') this.failed(event.message, event.at)
    else if (event.kind === 'reset') this.dropAll(event.at)
  }

  private queued({ unit, index }: TraceCommand, at: number): void {
    const queue = this.queues.get(unit) ?? new Set()
    this.queues.set(unit, queue.add(index))
    this.listener.waiting(unit, queue.size, at)
  }

  private started(command: TraceCommand, at: number): void {
    this.leaveQueue(command, at)
    this.end(command.unit, at)
    this.running.set(command.unit, command)
    this.listener.begin(command, at)
    if (movesData(command)) this.listener.transfers(++this.transfers, at)
  }

  private finished(command: TraceCommand, at: number): void {
    this.leaveQueue(command, at)
    if (this.running.get(command.unit)?.index === command.index) this.end(command.unit, at)
  }

  private failed(message: string, at: number): void {
    const blamed = Number(/^command (\d+) /.exec(message)?.[1])
    for (const { unit, index } of this.running.values()) if (index === blamed) this.end(unit, at)
  }

  private leaveQueue({ unit, index }: TraceCommand, at: number): void {
    const queue = this.queues.get(unit)
    if (queue?.delete(index)) this.listener.waiting(unit, queue.size, at)
  }

  private end(unit: string, at: number): void {
    const command = this.running.get(unit)
    if (command === undefined) return
    this.running.delete(unit)
    this.listener.end(command, at)
    if (movesData(command)) this.listener.transfers(--this.transfers, at)
  }

  private dropAll(at: number): void {
    for (const unit of this.running.keys()) this.end(unit, at)
    for (const [unit, queue] of this.queues) {
      if (queue.size === 0) continue
      queue.clear()
      this.listener.waiting(unit, 0, at)
    }
  }
}
