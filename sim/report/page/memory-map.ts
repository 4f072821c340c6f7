/** A map of one memory: which bytes hold what during which layers, under how many are in use in each. */
import { scaleLinear } from 'd3-scale'
import type { LayerData, MemoryPiece } from '../report-data.ts'
import { horizontalGrid, textBelow } from './axes.ts'
import { svg } from './dom.ts'
import { ITEM } from './explore.ts'
import { count, percent } from './format.ts'
import { type MemoryScale, memoryScale } from './memory-scale.ts'
import { type Box, fitted, Labels, textWidth } from './text.ts'
import { layerColour } from './theme.ts'
import { layerName } from './track.ts'

const MARGIN = { left: 74, right: 8 }
/** Room for the title of an axis. */
const TITLE = 16
/** Of the bars: room for title and labels, and their height. */
const ABOVE = TITLE + 14
const BARS = 44
const BETWEEN = 8 + TITLE
const MAP = 220
const BELOW = 34
const TICK = 13
const PAD = 4
/** Widths of labels beside boxes, the one to prefer first. */
const LABELS = [300, 190]

export interface MappedMemory {
  /** What is in it, for those who cannot see it. */
  readonly title: string
  readonly bytes: number
  readonly pieces: readonly (MemoryPiece & { readonly type?: string })[]
  /** Bytes in use in each layer. */
  readonly used: readonly number[]
  /** No plan can do with less. */
  readonly lowerBound?: number | undefined
}

interface Plot {
  readonly layers: readonly LayerData[]
  readonly memory: MappedMemory
  readonly width: number
  /** Left edge of a layer's column. */
  readonly x: (layer: number) => number
  readonly scale: MemoryScale
  readonly y: (offset: number) => number
  readonly bottom: number
}

export function memoryMap(layers: readonly LayerData[], memory: MappedMemory, width: number): SVGElement {
  const x = scaleLinear([0, layers.length], [MARGIN.left, width - MARGIN.right])
  const end = Math.max(1, ...memory.pieces.map(({ offset, bytes }) => offset + bytes))
  const scale = memoryScale(memory.pieces, end, MAP)
  const bottom = ABOVE + BARS + BETWEEN + scale.height
  const plot = { layers, memory, width, x, scale, y: (offset: number) => bottom - scale.up(offset), bottom }
  const height = bottom + BELOW
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': memory.title },
    ...axes(plot),
    svg('g', { role: 'list', 'aria-label': 'Bytes in use in each layer' }, ...bars(plot)),
    svg('g', { role: 'list', 'aria-label': 'What lies where' }, ...boxes(plot)),
  )
}

function axes({ layers, memory, width, x, scale, y, bottom }: Plot): SVGElement[] {
  const ticks: number[] = []
  for (const edge of [scale.edges.at(-1)!, ...scale.edges]) {
    if (ticks.every((other) => Math.abs(y(other) - y(edge)) >= TICK)) ticks.push(edge)
  }
  const every = Math.max(1, Math.ceil(layers.length / ((width - MARGIN.left) / 26)))
  const names = layers.flatMap(({ index }, i) => (i % every === 0 ? [textBelow(x(i + 0.5), bottom + 15, index)] : []))
  const { lowerBound } = memory
  return [
    ...horizontalGrid(ticks, y, count, { ...MARGIN, width }),
    ...horizontalGrid([0, memory.bytes], (value) => barTop(memory, value), count, { ...MARGIN, width }),
    ...(lowerBound === undefined ? [] : [bound(barTop(memory, lowerBound), width)]),
    ...names,
    axisTitle('Bytes in use', 11),
    axisTitle('Addresses, in bytes', ABOVE + BARS + BETWEEN - 5),
    textBelow((MARGIN.left + width) / 2, bottom + BELOW - 3, 'layer'),
  ]
}

const axisTitle = (text: string, y: number) => svg('text', { class: 'tick', x: MARGIN.left, y }, text)

const bound = (y: number, width: number) =>
  svg('line', { class: 'bound', x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y })

const barTop = ({ bytes }: MappedMemory, used: number) => ABOVE + BARS * (1 - used / Math.max(1, bytes))

function bars({ layers, memory, x }: Plot): SVGElement[] {
  const { used, bytes, pieces } = memory
  const most = Math.max(...used)
  return used.map((inUse, layer) => {
    const [left, right] = [x(layer), x(layer + 1)]
    const [top, peak] = [
      Math.min(barTop(memory, inUse), ABOVE + BARS - (inUse > 0 ? 1 : 0)),
      inUse === most && most > 0,
    ]
    const live = pieces.filter(({ first, last }) => first <= layer && layer <= last).length
    const share = percent(inUse, bytes)
    const about = `${layerName({ layers }, layer)}: ${count(inUse)} of ${count(bytes)} bytes in use, ${share}${peak ? ', the peak' : ''}; ${count(live)} ${live === 1 ? 'piece' : 'pieces'}`
    const text = shareText(inUse, bytes)
    const base = labelBase(memory, top)
    const label = layer === used.indexOf(most) || textWidth(text) <= right - left ? text : undefined
    return item(
      about,
      svg('rect', { class: 'hit', x: left, y: 0, width: right - left, height: ABOVE + BARS }),
      svg('rect', {
        class: peak ? 'use peak' : 'use',
        x: left + 0.5,
        y: top,
        width: Math.max(1, right - left - 1),
        height: ABOVE + BARS - top,
      }),
      label === undefined
        ? undefined
        : svg(
            'text',
            { class: peak ? 'beside' : 'tick apart', x: (left + right) / 2, y: base - 3, 'text-anchor': 'middle' },
            label,
          ),
    )
  })
}

/** Where a bar's label stands: on the bar, or on the line of the lower bound when that would go through it. */
function labelBase(memory: MappedMemory, top: number): number {
  if (memory.lowerBound === undefined) return top
  const line = barTop(memory, memory.lowerBound)
  return line < top + 1 && line > top - TICK - 3 ? line : top
}

function shareText(inUse: number, bytes: number): string {
  const rounded = Math.round((100 * inUse) / Math.max(1, bytes))
  return inUse > 0 && rounded === 0 ? '<1 %' : `${rounded} %`
}

function boxes(plot: Plot): SVGElement[] {
  const { layers, memory, x, y, width, bottom } = plot
  // Small ones last: where tiles of one layer take turns in the same bytes, they stay in sight.
  const placed = memory.pieces
    .toSorted((a, b) => a.first - b.first || b.bytes - a.bytes)
    .map((piece) => ({ piece, box: boxOf(piece, x, y) }))
  const frame = { left: MARGIN.left, top: ABOVE + BARS + BETWEEN, right: width, bottom }
  const labels = new Labels(
    frame,
    placed.map(({ box }) => box),
  )
  return placed.map(({ piece, box }) => {
    const shape = svg('rect', {
      class: 'piece',
      x: box.left,
      y: box.top,
      width: box.right - box.left,
      height: Math.max(1, box.bottom - box.top),
      rx: 2,
    })
    shape.style.fill = layerColour(piece.first, layers.length)
    return item(pieceText(layers, piece), shape, labelOf(piece, box, labels))
  })
}

const boxOf = ({ first, last, offset, bytes }: MemoryPiece, x: Plot['x'], y: Plot['y']): Box => ({
  left: x(first) + 0.5,
  right: Math.max(x(first) + 1.5, x(last + 1) - 0.5),
  top: y(offset + bytes) + 0.5,
  bottom: y(offset) - 0.5,
})

/** What a converter has fused has the names of all parts; the first tells it from others. */
const shortName = ({ name }: MemoryPiece) => name.split(';')[0]!

/** Name and size in the box or beside it, else the size alone, else nothing. */
function labelOf(piece: MemoryPiece, box: Box, labels: Labels): SVGElement | undefined {
  const size = count(piece.bytes)
  const room = box.right - box.left - 2 * PAD
  const inBox = (text: string) =>
    box.bottom - box.top < TICK - 2 || textWidth(text) > room
      ? undefined
      : svg('text', { class: 'inside', x: box.left + PAD, y: (box.top + box.bottom) / 2 + 4 }, text)
  const named = (space: number) => {
    const name = fitted(shortName(piece), space - textWidth(` ${size}`))
    return name === undefined ? [] : [`${name} ${size}`]
  }
  const inside = named(room).map(inBox)
  return inside[0] ?? labels.beside(box, LABELS.flatMap(named)) ?? inBox(size) ?? labels.beside(box, [size])
}

/** All that is known of a piece, as one sentence. */
function pieceText(layers: readonly LayerData[], piece: MappedMemory['pieces'][number]): string {
  const { name, type, bytes, offset, first, last } = piece
  const what = type === undefined ? name : `${name}, ${type}`
  const during =
    first === last
      ? `in ${layerName({ layers }, first)}`
      : `from ${layerName({ layers }, first)} to ${layerName({ layers }, last)}`
  return `${what}: ${count(bytes)} byte${bytes === 1 ? '' : 's'}, ${count(offset)} to ${count(offset + bytes)}, ${during}`
}

const item = (about: string, ...children: readonly (SVGElement | undefined)[]) =>
  svg('g', { class: ITEM, role: 'listitem', tabindex: -1, 'aria-label': about }, svg('title', {}, about), ...children)
