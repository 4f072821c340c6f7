/** Rows of the timeline: what each shows, where, and in which colour. */
import type { ReportData } from '../report-data.ts'
import { bytes, count } from './format.ts'
import { colour, layerColour } from './theme.ts'

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
}

const ROW = 20
const CALL_ROW = 15
const MOST_CALL_ROWS = 12

const duration = (from: number, until: number) => `${count(from)} to ${count(until)}: ${count(until - from)} cycles`

function track(name: string, height: number, items: readonly Item[], named = true): Track {
  const sorted = items.toSorted((a, b) => a.from - b.from)
  return {
    name,
    height,
    items: sorted,
    named,
    longest: sorted.reduce((most, { from, until }) => Math.max(most, until - from), 0),
  }
}

/** All rows, from top to bottom. */
export function tracksOf(data: ReportData): Track[] {
  const tracks = [layerTrack(data), ...unitTracks(data), hartTrack(data), callTrack(data), trapTrack(data)]
  return [...tracks.filter(({ items }) => items.length > 0), ...scratchpadTracks(data)]
}

const layerName = (data: ReportData, position: number) => {
  const layer = data.layers[position]
  return layer === undefined ? 'no layer' : `layer ${layer.index} ${layer.op}`
}

function layerTrack(data: ReportData): Track {
  const items = data.layers.map((layer, position) => ({
    from: layer.from,
    until: layer.until,
    label: `${layer.index} ${layer.op}`,
    colour: () => layerColour(position, data.layers.length),
    details: () => [layerName(data, position), layer.name, duration(layer.from, layer.until), layer.bottleneck],
  }))
  return track('layers', ROW + 2, items)
}

function unitTracks(data: ReportData): Track[] {
  const { commands, units } = data.timeline
  const rows = units.map((): Item[] => [])
  for (let i = 0; i < commands.kind.length; i++) {
    const kind = commands.kinds[commands.kind[i]!]!
    const [from, until, layer, moved] = [commands.from[i]!, commands.until[i]!, commands.layer[i]!, commands.bytes[i]!]
    rows[commands.unit[i]!]?.push({
      from,
      until,
      label: kind.name,
      colour: () => colour(moved === 0 ? 'compute' : units[commands.unit[i]!] === 'store' ? 'dma-out' : 'dma-in'),
      details: () => [
        `command ${commands.index[i]}: ${kind.name}, ${layerName(data, layer)}`,
        duration(from, until),
        `waited in its queue for ${count(from - commands.queued[i]!)} cycles`,
        ...(commands.macs[i]! > 0 ? [`${count(commands.macs[i]!)} MACs`] : []),
        ...(moved > 0 ? [bytes(moved)] : []),
        kind.fields.map((field, f) => `${field} ${commands.values[i]![f]}`).join(', '),
      ],
    })
  }
  return rows.map((items, unit) => track(units[unit]!, ROW, items))
}

function hartTrack({ timeline: { waits, cycles } }: ReportData): Track {
  const items: Item[] = []
  const state = (from: number, until: number, label: string, name: string) => {
    if (until > from)
      items.push({
        from,
        until,
        label,
        colour: () => colour(name),
        details: () => [`hart ${label}`, duration(from, until)],
      })
  }
  let at = 0
  for (let i = 0; i < waits.from.length; i++) {
    state(at, waits.from[i]!, 'works', 'cpu')
    state(waits.from[i]!, waits.until[i]!, 'waits', 'idle')
    at = waits.until[i]!
  }
  state(at, cycles, 'works', 'cpu')
  return track('hart', ROW, items)
}

function callTrack({ timeline: { calls } }: ReportData): Track {
  const shown = [...calls.depth.keys()].filter((i) => calls.depth[i]! < MOST_CALL_ROWS)
  const rows = shown.reduce((most, i) => Math.max(most, calls.depth[i]! + 1), 1)
  const items = shown.map((i) => ({
    from: calls.from[i]!,
    until: calls.until[i]!,
    label: calls.names[calls.name[i]!]!,
    colour: () => colour(calls.depth[i]! % 2 === 0 ? 'call' : 'call-odd'),
    top: calls.depth[i]! / rows,
    height: 1 / rows,
    details: () => [`${calls.names[calls.name[i]!]} on the hart`, duration(calls.from[i]!, calls.until[i]!)],
  }))
  return track('functions', rows * CALL_ROW, items)
}

function trapTrack({ timeline: { traps } }: ReportData): Track {
  const items = traps.map(({ name, from, until }) => ({
    from,
    until: Math.max(from + 1, until),
    label: name,
    colour: () => colour('trap'),
    details: () => [name, duration(from, until)],
  }))
  return track('traps', 14, items)
}

function scratchpadTracks(data: ReportData): Track[] {
  return data.scratchpads.map(({ name, bytes: size, peakBytes, spans }) => {
    const items = spans.from.map((from, i) => ({
      from,
      until: Math.max(from + 1, spans.until[i]!),
      label: '',
      colour: () => (spans.layer[i]! < 0 ? colour('idle') : layerColour(spans.layer[i]!, data.layers.length)),
      top: spans.address[i]! / size,
      height: spans.bytes[i]! / size,
      details: () => [
        `${name}: bytes ${count(spans.address[i]!)} to ${count(spans.address[i]! + spans.bytes[i]!)} hold data of ${layerName(data, spans.layer[i]!)}`,
        duration(from, spans.until[i]!),
      ],
    }))
    return track(`${name} ${bytes(size)}\n${Math.round((100 * peakBytes) / size)} % peak`, 84, items, false)
  })
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
