import type { MemoryPiece, ReportData, ScratchpadData } from '../report-data.ts'
import { bytes, count } from './format.ts'
import { colour, layerColour } from './theme.ts'
import { duration, type Item, layerName, type Track, track } from './track.ts'
import { commandName, purposeOf } from './unit-tracks.ts'

const HEIGHT = 96

/** Which bytes of the scratchpads are in use when; address 0 is at the bottom, as on the maps of memory. */
export function scratchpadTracks(data: ReportData): Track[] {
  return data.scratchpads.map((scratchpad) => {
    const { name, bytes: size, peakBytes, spans } = scratchpad
    const shown = shownBytes(scratchpad)
    const items = [...spans.from.keys()].map((i) => spanItem(data, scratchpad, i, shown))
    const share = Math.round((100 * peakBytes) / size)
    const peak = share === 0 ? bytes(peakBytes) : `${share} %`
    const part = shown < size ? `\nthe first ${bytes(shown)}` : ''
    return track(`${name} ${bytes(size)}\n${peak} peak${part}`, HEIGHT, items)
  })
}

/** All of a scratchpad or, where most of it is never in use, a part of it that has all that is. */
function shownBytes({ bytes: size, spans }: ScratchpadData): number {
  const end = spans.address.reduce((most, address, i) => Math.max(most, address + spans.bytes[i]!), 1)
  return Math.min(size, 2 ** Math.ceil(Math.log2(end)))
}

/** @param size bytes that the row is high */
function spanItem(data: ReportData, scratchpad: ScratchpadData, i: number, size: number): Item {
  const { name, spans } = scratchpad
  const [from, until, layer] = [spans.from[i]!, spans.until[i]!, spans.layer[i]!]
  const [address, length, command] = [spans.address[i]!, spans.bytes[i]!, spans.command?.[i] ?? -1]
  const piece = pieceAt(scratchpad, address, length, layer)
  const lines = [
    `${name}: bytes ${count(address)} to ${count(address + length)} hold ${piece === undefined ? 'data' : `'${piece.name}'`} of ${layerName(data, layer)}`,
    duration(from, until),
    ...(command < 0 ? [] : [`written by ${[commandName(data, command), ...purposeOf(data, command)].join(', ')}`]),
  ]
  return {
    from,
    until: Math.max(from + 1, until),
    label: piece?.name ?? '',
    colour: () => (layer < 0 ? colour('token') : layerColour(layer, data.layers.length)),
    top: 1 - (address + length) / size,
    height: length / size,
    details: () => lines,
  }
}

/** What the compiler has put where a layer writes: of those that have begun the newest. */
function pieceAt({ pieces = [] }: ScratchpadData, address: number, length: number, layer: number) {
  const there = pieces.filter(
    ({ offset, bytes: size, first, last }) =>
      first <= layer && layer <= last && offset < address + length && address < offset + size,
  )
  return there.reduce<MemoryPiece | undefined>(
    (best, one) => (best === undefined || one.first > best.first ? one : best),
    undefined,
  )
}
