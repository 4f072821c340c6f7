import type { EventQueue, ScheduledEvent } from '../events.ts'

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
  after(cycles: number, action: () => void): void {
    const event = this.events.schedule(this.events.now + cycles * this.clockDivider, () => {
      this.pending.delete(event)
      action()
    })
    this.pending.add(event)
  }

  reset(): void {
    for (const event of this.pending) this.events.cancel(event)
    this.pending.clear()
  }
}
