/** Where an event stands among all others; enough to resume it after a restore. */
export type EventPlace = {
  readonly at: number
  /** Insertion order: events of the same cycle run first come, first served, so every run is the same. */
  readonly order: number
}

/** A pending event; keep it to cancel it. */
export interface ScheduledEvent extends EventPlace {
  readonly action: () => void
}

/** Place of an event, as data to save. */
export function placeOf({ at, order }: ScheduledEvent): EventPlace
export function placeOf(event: ScheduledEvent | undefined): EventPlace | undefined
export function placeOf(event: ScheduledEvent | undefined): EventPlace | undefined {
  return event === undefined ? undefined : { at: event.at, order: event.order }
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
    return this.insert({ at: Math.max(at, this.now), action, order: this.order++ })
  }

  /**
   * Puts an event back that was pending when the queue was saved; its owner knows the action.
   * @throws RangeError when it cannot have been
   */
  resume({ at, order }: EventPlace, action: () => void): ScheduledEvent {
    if (!Number.isSafeInteger(at) || at < this.now || !Number.isSafeInteger(order)) throw new RangeError('no event')
    return this.insert({ at, action, order })
  }

  save() {
    return { now: this.now, order: this.order }
  }

  /** Goes to the saved time with no event pending: the owners of events resume them. */
  restore({ now, order }: ReturnType<EventQueue['save']>): void {
    this.pending.length = 0
    this.now = now
    this.order = order
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

  private insert(event: ScheduledEvent): ScheduledEvent {
    let index = this.pending.length
    while (index > 0 && isAfter(this.pending[index - 1]!, event)) index--
    this.pending.splice(index, 0, event)
    return event
  }
}

function isAfter(a: EventPlace, b: EventPlace): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order)
}
