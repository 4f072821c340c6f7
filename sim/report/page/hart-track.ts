import type { ReportData } from '../report-data.ts'
import { colour } from './theme.ts'
import { duration, type Item, ROW, type Track, track } from './track.ts'

/** When the hart works and when it stands still; empty when that was not recorded. */
export function hartTrack({ timeline: { waits, cycles } }: ReportData): Track {
  const items: Item[] = []
  const state = (from: number, until: number, label: string, name: string) => {
    if (until <= from) return
    items.push({
      from,
      until,
      label,
      colour: () => colour(name),
      details: () => [`hart ${label}`, duration(from, until)],
    })
  }
  if (waits === undefined) return track('hart', ROW, items)
  let at = 0
  for (const [i, from] of waits.from.entries()) {
    state(at, from, 'works', 'cpu')
    state(from, waits.until[i]!, 'waits', 'idle')
    at = waits.until[i]!
  }
  state(at, cycles, 'works', 'cpu')
  return track('hart', ROW, items)
}
