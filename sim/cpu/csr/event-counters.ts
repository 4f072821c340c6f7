/** mhpmcounter3 and up with their mhpmevents (privileged ISA 20240411, section 3.1.10). */
import { type EventCounts, hartEvents, needsObservation } from '../event-counts.ts'
import { Counter } from './counter.ts'

/** Counters that are there; those up to 31 exist as registers but read as zero. */
export const FIRST_EVENT_COUNTER = 3
export const EVENT_COUNTERS = 8
/** Their bits in mcountinhibit and mcounteren. */
export const EVENT_COUNTER_BITS = ((1 << EVENT_COUNTERS) - 1) << FIRST_EVENT_COUNTER

export class EventCounters {
  private readonly counters: readonly Counter[]
  private readonly events = new Uint8Array(EVENT_COUNTERS)
  private inhibited = 0
  /** Whether a running counter counts what only engines that look at every instruction see. */
  needObservation = false

  constructor(counts: EventCounts) {
    this.counters = Array.from(this.events, (_, i) => new Counter(() => counts.count(this.events[i]!), 0))
  }

  save() {
    const { inhibited } = this
    return { events: this.events.slice(), inhibited, counters: this.counters.map((counter) => counter.save()) }
  }

  restore({ events, inhibited, counters }: ReturnType<EventCounters['save']>): void {
    this.events.set(events)
    this.inhibited = inhibited
    counters.forEach((saved, i) => {
      this.counters[i]?.restore(saved)
    })
    this.updateObservation()
  }

  /** Counter `n` of mhpmcounter`n`; undefined when it is hardwired to zero. */
  counter(n: number): Counter | undefined {
    return this.counters[n - FIRST_EVENT_COUNTER]
  }

  /** mhpmevent`n` */
  event(n: number): number {
    return this.events[n - FIRST_EVENT_COUNTER] ?? 0
  }

  /** Chooses what counter `n` counts from now on; numbers without an event stand for none. */
  select(n: number, event: number): void {
    const counter = this.counter(n)
    if (counter === undefined) return
    counter.run(false)
    this.events[n - FIRST_EVENT_COUNTER] = event >>> 0 <= hartEvents.length ? event : 0
    counter.run(this.runs(n))
    this.updateObservation()
  }

  /** @param bits as in mcountinhibit */
  inhibit(bits: number): void {
    this.inhibited = bits
    this.counters.forEach((counter, i) => {
      counter.run(this.runs(i + FIRST_EVENT_COUNTER))
    })
    this.updateObservation()
  }

  /** Kept, not computed when asked: every trap and every write of a control register asks. */
  private updateObservation(): void {
    this.needObservation = this.events.some((event, i) => needsObservation(event) && this.runs(i + FIRST_EVENT_COUNTER))
  }

  private runs(n: number): boolean {
    return ((this.inhibited >>> n) & 1) === 0
  }
}
