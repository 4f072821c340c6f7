/** A pending event; keep it to cancel it. */
export interface ScheduledEvent {
  readonly at: number
  readonly action: () => void
  /** Insertion order: events of the same cycle run first come, first served, so every run is the same. */
  readonly order: number
}

/**
 * The platform's one virtual time. Devices schedule events in cycles of the SoC clock; the hart runs
 * up to `next` and then lets the due events happen. Times are exact integers up to 2^53.
 */
export class EventQueue {
  /** Current cycle. Set by whoever advances time (the hart's engine, or `advanceTo`). */
  now = 0
  private readonly pending: ScheduledEvent[] = []
  private order = 0

  /** Cycle of the earliest pending event, Infinity when there is none. */
  get next(): number {
    return this.pending[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Schedules `action` for cycle `at` (not before now). */
  schedule(at: number, action: () => void): ScheduledEvent {
    const event = { at: Math.max(at, this.now), action, order: this.order++ }
    let index = this.pending.length
    while (index > 0 && this.pending[index - 1]!.at > event.at) index--
    this.pending.splice(index, 0, event)
    return event
  }

  /** Removes a pending event; harmless when it has already run. */
  cancel(event: ScheduledEvent): void {
    const index = this.pending.indexOf(event)
    if (index >= 0) this.pending.splice(index, 1)
  }

  /** Runs every event due up to and including cycle `time`, in order, and sets `now` to `time`. */
  advanceTo(time: number): void {
    while (this.next <= time) {
      const event = this.pending.shift()!
      this.now = Math.max(this.now, event.at)
      event.action()
    }
    this.now = Math.max(this.now, time)
  }
}
