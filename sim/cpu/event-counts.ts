/** Events that mhpmcounters can count; an event's number in mhpmevent is its place in this list, from 1. */
export const hartEvents = [
  { name: 'loads', doc: 'Loads retired, lr and amo included' },
  { name: 'stores', doc: 'Stores retired, successful sc and amo included' },
  { name: 'branches', doc: 'Conditional branches retired' },
  { name: 'taken', doc: 'Conditional branches taken' },
  { name: 'exceptions', doc: 'Exceptions taken' },
  { name: 'interrupts', doc: 'Interrupts taken' },
  { name: 'dmaStalls', doc: 'Cycles that loads and stores waited for DMA to leave the memory port' },
] as const

type HartEvent = (typeof hartEvents)[number]['name']

/**
 * How often each event has happened. Exceptions and interrupts are always counted; the others only while `observed` is
 * set, because the fast engines do not look at them. Counters take differences, so what was missed does not matter.
 */
export class EventCounts implements Record<HartEvent, number> {
  loads = 0
  stores = 0
  branches = 0
  taken = 0
  exceptions = 0
  interrupts = 0
  dmaStalls = 0

  /** Count of the event with this number in mhpmevent; 0 stands for none. */
  count(event: number): number {
    const row = hartEvents[event - 1]
    return row === undefined ? 0 : this[row.name]
  }

  save() {
    const { loads, stores, branches, taken, exceptions, interrupts, dmaStalls } = this
    return { loads, stores, branches, taken, exceptions, interrupts, dmaStalls }
  }

  restore(saved: ReturnType<EventCounts['save']>): void {
    Object.assign(this, saved)
  }
}

/** Whether engines must look at every instruction for this event. */
export function needsObservation(event: number): boolean {
  const name = hartEvents[event - 1]?.name
  return name !== undefined && name !== 'exceptions' && name !== 'interrupts'
}
