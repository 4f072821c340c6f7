import type { EventPlace, EventQueue, ScheduledEvent } from '../events.ts'

/** Delays in cycles of a slower clock, which a reset takes back. */
export class Timers {
  private readonly events: EventQueue
  private readonly clockDivider: number
  private readonly pending = new Set<ScheduledEvent>()

  constructor(events: EventQueue, clockDivider: number) {
    this.events = events
    this.clockDivider = clockDivider
  }

  /** Calls `action` after `cycles` of the slower clock. */
  after(cycles: number, action: () => void): ScheduledEvent {
    const at = this.events.now + cycles * this.clockDivider
    return this.keep((once) => this.events.schedule(at, once), action)
  }

  /** Goes on with a delay that was saved. */
  resume(place: EventPlace, action: () => void): ScheduledEvent {
    return this.keep((once) => this.events.resume(place, once), action)
  }

  reset(): void {
    for (const event of this.pending) this.events.cancel(event)
    this.pending.clear()
  }

  private keep(begin: (once: () => void) => ScheduledEvent, action: () => void): ScheduledEvent {
    const event = begin(() => {
      this.pending.delete(event)
      action()
    })
    this.pending.add(event)
    return event
  }
}
