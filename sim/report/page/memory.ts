/** What memory was used for: the arena in RAM and the scratchpads, layer by layer. */
import type { LayerData, MemoryPiece, ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { explorable } from './explore.ts'
import { bytes, count, percent } from './format.ts'
import { type MappedMemory, memoryMap } from './memory-map.ts'
import { arenaUse, scratchpadUse } from './memory-use.ts'
import { type Column, sortedTable } from './table.ts'
import { onColours } from './theme.ts'
import { layerName } from './track.ts'

const HINT = 'Point at something, or go there with Tab and the arrow keys, to see what it is.'
const MOST_ROWS = 12

type Piece = MappedMemory['pieces'][number]

/** The maps of memory; undefined when nothing is known of any. */
export function memorySection(data: ReportData): HTMLElement | undefined {
  const maps = [
    ...(data.arena === undefined ? [] : [arenaPart(data, data.arena)]),
    ...data.scratchpads.flatMap((one) => ((one.pieces ?? []).length === 0 ? [] : [scratchpadPart(data, one)])),
  ]
  if (data.layers.length === 0 || maps.length === 0) return undefined
  const note =
    'Columns are layers, in their order and equally wide; the timeline has their times. Where something would be too thin to see the axis of addresses is stretched.'
  return section('memory', 'Memory', html('p', { class: 'note' }, note), ...maps)
}

function arenaPart(data: ReportData, arena: NonNullable<ReportData['arena']>): HTMLElement {
  const used = arenaUse(arena, data.layers.length)
  const { lowerBoundBytes: lowerBound } = arena
  const most = Math.max(...used)
  const peak = `Most is in use in ${peakLayers(data.layers, used)}: ${count(most)} bytes, ${percent(most, arena.bytes)}.`
  const text = `${count(arena.bytes)} bytes for tensors in RAM; each stays from the layer that makes it to the last that reads it. ${peak} ${boundText(arena.bytes, lowerBound)}`
  const hidden = data.scratchpads.length === 0 ? '' : ' Tensors that never leave the scratchpads are not here.'
  const memory = { title: 'Arena', bytes: arena.bytes, pieces: arena.tensors, used, lowerBound: lowerBound ?? most }
  return part('arena', 'Arena in RAM', text + hidden, data, memory)
}

function boundText(arena: number, bound: number | undefined): string {
  if (bound === undefined) return 'No plan can be smaller than that (the dashed line).'
  if (arena <= bound) return 'With alignment no plan can be smaller (the dashed line).'
  return `With alignment no plan can be smaller than ${count(bound)} bytes (the dashed line); this one is larger by ${percent(arena - bound, bound)}.`
}

function scratchpadPart(data: ReportData, scratchpad: ReportData['scratchpads'][number]): HTMLElement {
  const { name, bytes: size, peakBytes, pieces = [] } = scratchpad
  const used = scratchpadUse(scratchpad, data.layers)
  const peak = `Most in use at once, in lines of 64 bytes: ${count(peakBytes)} bytes, ${percent(peakBytes, size)}, in ${peakLayers(data.layers, used)}.`
  const text = `${bytes(size)}. ${peak} Boxes are what the compiler has put where: tensors that stay, tiles, and weights; weights may come before their layer.`
  const memory = { title: `Scratchpad ${name}`, bytes: size, pieces, used }
  return part(`memory-${name}`, `Scratchpad ${name}`, text, data, memory)
}

/** `layer 3 CONV_2D and 2 others` */
function peakLayers(layers: readonly LayerData[], used: readonly number[]): string {
  const most = Math.max(...used)
  const peaks = [...used.keys()].filter((layer) => used[layer] === most)
  const others = peaks.length - 1
  return `${layerName({ layers }, peaks[0]!)}${others === 0 ? '' : ` and ${count(others)} other${others === 1 ? '' : 's'}`}`
}

function part(id: string, title: string, text: string, { layers }: ReportData, memory: MappedMemory): HTMLElement {
  const host = html('div', { class: 'chart' })
  const { about, settle } = explorable(host, HINT)
  const draw = () => {
    host.replaceChildren(memoryMap(layers, memory, Math.max(280, host.clientWidth)))
    settle()
  }
  new ResizeObserver(draw).observe(host)
  onColours(draw)
  const table = html('details', {}, html('summary', {}, 'As a table'), pieceTable(id, title, layers, memory.pieces))
  return html(
    'div',
    { class: 'part', id },
    html('h3', {}, title),
    html('p', { class: 'note' }, text),
    host,
    about,
    table,
  )
}

function pieceTable(id: string, caption: string, layers: readonly LayerData[], rows: readonly Piece[]): HTMLElement {
  const index = (position: number) => layers[position]!.index
  const during = ({ first, last }: MemoryPiece) =>
    first === last ? `${index(first)}` : `${index(first)} to ${index(last)}`
  const columns: readonly Column<Piece>[] = [
    { title: 'Name', value: ({ name }) => name, text: true, cell: ({ name }) => name },
    ...(rows.some(({ type }) => type !== undefined)
      ? [{ title: 'Type', text: true, cell: ({ type = '' }: Piece) => type }]
      : []),
    { title: 'Bytes', value: (one) => one.bytes, cell: (one) => count(one.bytes) },
    { title: 'From', value: ({ offset }) => offset, cell: ({ offset }) => count(offset) },
    { title: 'To', value: (one) => one.offset + one.bytes, cell: (one) => count(one.offset + one.bytes) },
    { title: 'Layers', value: ({ first }) => first, cell: during },
  ]
  return sortedTable({ id: `${id}-table`, caption, columns, rows, most: MOST_ROWS })
}
