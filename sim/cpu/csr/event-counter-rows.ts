/** mhpmcounter3 to 31, their events, and what user mode sees of them. */
import { hartEvents } from '../event-counts.ts'
import { EVENT_COUNTERS, FIRST_EVENT_COUNTER } from './event-counters.ts'
import type { CsrRow } from './row.ts'
import { high, low } from './words.ts'

const LAST_COUNTER = 31
const numbers = Array.from(
  { length: LAST_COUNTER - FIRST_EVENT_COUNTER + 1 },
  (_, index) => index + FIRST_EVENT_COUNTER,
)

function rowsOf(n: number): CsrRow[] {
  if (n >= FIRST_EVENT_COUNTER + EVENT_COUNTERS) {
    return [
      { address: 0xb00 + n, name: `mhpmcounter${n}`, doc: 'Event counter: always zero' },
      { address: 0xb80 + n, name: `mhpmcounter${n}h`, doc: 'Event counter, high half: always zero' },
      { address: 0x320 + n, name: `mhpmevent${n}`, doc: 'Event selector: always zero' },
      { address: 0xc00 + n, name: `hpmcounter${n}`, doc: 'Event counter: always zero' },
      { address: 0xc80 + n, name: `hpmcounter${n}h`, doc: 'Event counter, high half: always zero' },
    ]
  }
  return [
    {
      address: 0xb00 + n,
      name: `mhpmcounter${n}`,
      doc: `Event counter: counts what mhpmevent${n} selects`,
      read: ({ eventCounters }) => low(eventCounters.counter(n)!.value),
      write: ({ eventCounters }, value) => eventCounters.counter(n)!.setLow(value),
    },
    {
      address: 0xb80 + n,
      name: `mhpmcounter${n}h`,
      doc: 'Event counter, high half',
      read: ({ eventCounters }) => high(eventCounters.counter(n)!.value),
      write: ({ eventCounters }, value) => eventCounters.counter(n)!.setHigh(value),
    },
    {
      address: 0x320 + n,
      name: `mhpmevent${n}`,
      doc: `Event of mhpmcounter${n}: 0 to ${hartEvents.length}, see docs/isa.md`,
      read: ({ eventCounters }) => eventCounters.event(n),
      write: ({ eventCounters }, value) => eventCounters.select(n, value),
    },
    {
      address: 0xc00 + n,
      name: `hpmcounter${n}`,
      doc: 'Event counter',
      read: ({ eventCounters }) => low(eventCounters.counter(n)!.value),
    },
    {
      address: 0xc80 + n,
      name: `hpmcounter${n}h`,
      doc: 'Event counter, high half',
      read: ({ eventCounters }) => high(eventCounters.counter(n)!.value),
    },
  ]
}

export const eventCounterRows: readonly CsrRow[] = numbers.flatMap(rowsOf)
