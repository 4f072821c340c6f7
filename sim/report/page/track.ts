/** A row of the timeline: what it shows, where, and in which colour. */
import type { ReportData } from '../report-data.ts'
import { count } from './format.ts'

/** Something with a begin and an end, as a row draws it. */
export interface Item {
  readonly from: number
  readonly until: number
  readonly label: string
  readonly colour: () => string
  /** Top and height in the row, as parts of it; the whole when absent. */
  readonly top?: number
  readonly height?: number
  /** What a reader sees of it, line by line. */
  readonly details: () => readonly string[]
  /** What it waited for, and what waited for it. */
  readonly links?: () => { readonly before: readonly Item[]; readonly after: readonly Item[] }
}

export interface Track {
  readonly name: string
  readonly height: number
  /** Ascending by begin. */
  readonly items: readonly Item[]
  /** No item is longer. */
  readonly longest: number
  /** Whether items carry their names. */
  readonly named: boolean
  /** For a row whose items are levels: the sum of level and time up to an instant, as parts of the row's height. */
  readonly integral?: (at: number) => number
}

/** Height of most rows. */
export const ROW = 20

export const duration = (from: number, until: number) =>
  `${count(from)} to ${count(until)}: ${count(until - from)} cycles`

export function track(name: string, height: number, items: readonly Item[], named = true): Track {
  const sorted = items.toSorted((a, b) => a.from - b.from)
  return {
    name,
    height,
    items: sorted,
    named,
    longest: sorted.reduce((most, { from, until }) => Math.max(most, until - from), 0),
  }
}

/** `layer 3 CONV_2D` */
export const layerName = ({ layers }: Pick<ReportData, 'layers'>, position: number) => {
  const layer = layers[position]
  return layer === undefined ? 'no layer' : `layer ${layer.index} ${layer.op}`
}

/** Index of the first item that may reach into `from`. */
export function firstVisible({ items, longest }: Track, from: number): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (items[middle]!.from < from - longest) low = middle + 1
    else high = middle
  }
  return low
}
