/** All rows of the timeline. */
import type { LayerData, ReportData } from '../report-data.ts'
import { count, percent } from './format.ts'
import { hartTrack } from './hart-track.ts'
import { busTrack, tokenTracks } from './level-tracks.ts'
import { scratchpadTracks } from './scratchpad-tracks.ts'
import { activityNames, colour, layerColour } from './theme.ts'
import { duration, layerName, ROW, type Track, track } from './track.ts'
import { unitTracks } from './unit-tracks.ts'

const CALL_ROW = 15
const MOST_CALL_ROWS = 12

/** All rows, from top to bottom. */
export function tracksOf(data: ReportData): Track[] {
  const tracks = [
    layerTrack(data),
    ...unitTracks(data),
    ...tokenTracks(data),
    busTrack(data),
    hartTrack(data),
    callTrack(data),
    trapTrack(data),
    findingTrack(data),
  ]
  return [...tracks.filter(({ items }) => items.length > 0), ...scratchpadTracks(data)]
}

function layerTrack(data: ReportData): Track {
  const items = data.layers.map((layer, position) => ({
    from: layer.from,
    until: layer.until,
    label: `${layer.index} ${layer.op}`,
    colour: () => layerColour(position, data.layers.length),
    details: () => [
      `${layerName(data, position)} on ${layer.target}`,
      layer.name,
      duration(layer.from, layer.until),
      layer.bottleneck,
      ...busyLine(layer),
    ],
  }))
  return track('layers', ROW + 2, items)
}

/** How long units were busy in a layer; what overlaps counts for each. */
function busyLine({ busy, commands, cycles }: LayerData): string[] {
  if (commands === 0) return []
  const kinds = (['compute', 'dmaIn', 'dmaOut'] as const).filter((kind) => busy[kind] > 0)
  const parts = kinds.map((kind) => `${activityNames[kind]} ${count(busy[kind])} (${percent(busy[kind], cycles)})`)
  return [`busy meanwhile: ${parts.join(', ')}`]
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

/** Where the sanitizer found something. */
function findingTrack({ findings = [], timeline: { cycles } }: ReportData): Track {
  const items = findings
    .filter(({ at }) => at >= 0)
    .map(({ kind, at, message }) => ({
      from: Math.min(at, cycles - 1),
      until: Math.min(at + 1, cycles),
      label: kind,
      colour: () => colour('trap'),
      details: () => [kind, `cycle ${count(at)}`, message],
    }))
  return track('findings', 14, items)
}
