import { scaleLog } from 'd3-scale'
import type { LayerData, ReportData, Roofline } from '../report-data.ts'
import { horizontalGrid, textBelow } from './axes.ts'
import { html, section, svg } from './dom.ts'
import { explorable, ITEM } from './explore.ts'
import { brief, count, decimal, percent } from './format.ts'
import { type Box, Labels } from './text.ts'
import { layerColour, onColours } from './theme.ts'

const HEIGHT = 340
const MARGIN = { left: 52, right: 16, top: 16, bottom: 42 }
const HINT = 'Point at a dot, or go there with Tab and the arrow keys, to see which layer it is.'

/** MAC per cycle of every layer against what the array and the RAM port allow. */
export function rooflineSection(data: ReportData, roof: Roofline): HTMLElement | undefined {
  const layers = data.layers.filter((layer) => layer.roofline !== undefined)
  if (layers.length === 0) return undefined
  const host = html('div', { class: 'chart' })
  const { about, settle } = explorable(host, HINT)
  const draw = () => {
    host.replaceChildren(chart(data, layers, roof, Math.max(280, host.clientWidth)))
    settle()
  }
  new ResizeObserver(draw).observe(host)
  onColours(draw)
  const text = `The array does ${count(roof.peakMacsPerCycle)} MAC/cycle, the RAM port moves ${brief(roof.bytesPerCycle)} bytes/cycle: that is the line. A layer whose data came while the one before still computed can be above its slope. Dots have the numbers and the colours of their layers; larger ones took more cycles.`
  return section('roofline', 'Roofline', html('p', { class: 'note' }, text), host, about)
}

interface Scales {
  readonly x: (intensity: number) => number
  readonly y: (rate: number) => number
}

const intensity = ({ roofline }: LayerData) => roofline!.intensity

function chart(data: ReportData, layers: readonly LayerData[], roof: Roofline, width: number): SVGElement {
  const ridge = roof.peakMacsPerCycle / roof.bytesPerCycle
  const least = Math.min(ridge / 4, ...layers.map(intensity)) / 1.6
  const most = Math.max(ridge * 4, ...layers.map(intensity)) * 1.6
  const slowest = Math.min(least * roof.bytesPerCycle, ...layers.map(({ macsPerCycle }) => macsPerCycle)) / 1.6
  const fastest = roof.peakMacsPerCycle * 1.6
  const x = scaleLog([least, most], [MARGIN.left, width - MARGIN.right])
  const y = scaleLog([slowest, fastest], [HEIGHT - MARGIN.bottom, MARGIN.top])
  const line = [
    [least, least * roof.bytesPerCycle],
    [ridge, roof.peakMacsPerCycle],
    [most, roof.peakMacsPerCycle],
  ].map(([at, value]) => `${x(at!)},${y(value!)}`)
  const every = width < 600 ? 2 : 1
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: 'list',
      'aria-label': 'Roofline, the slowest layer first',
    },
    ...verticalGrid(
      powers(least, most).filter((_, i) => i % every === 0),
      x,
    ),
    ...horizontalGrid(powers(slowest, fastest), y, label, { ...MARGIN, width }),
    textBelow(width / 2, HEIGHT - 6, 'MACs per byte of RAM traffic'),
    svg('text', { class: 'tick', x: MARGIN.left + 6, y: MARGIN.top + 10 }, 'MAC/cycle'),
    svg('polyline', { class: 'roof', points: line.join(' ') }),
    ...dots(data, layers, { x, y }, width),
  )
}

const powers = (from: number, until: number) =>
  Array.from({ length: 24 }, (_, i) => 2 ** (i - 6)).filter((value) => value >= from && value <= until)

const verticalGrid = (ticks: readonly number[], x: Scales['x']) =>
  ticks.flatMap((tick) => [
    svg('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
    textBelow(x(tick), HEIGHT - MARGIN.bottom + 16, label(tick)),
  ])

/** The slowest layer first, so that small dots lie on large ones. */
function dots(data: ReportData, layers: readonly LayerData[], { x, y }: Scales, width: number): SVGElement[] {
  const slowest = layers.toSorted((a, b) => b.cycles - a.cycles)
  const placed = slowest.map((layer) => {
    const [left, top] = [x(intensity(layer)), y(layer.macsPerCycle)]
    const radius = 4 + 9 * Math.sqrt(layer.cycles / slowest[0]!.cycles)
    return { layer, left, top, radius, box: around(left, top, radius) }
  })
  const frame = { left: MARGIN.left, top: MARGIN.top, right: width, bottom: HEIGHT - MARGIN.bottom }
  const labels = new Labels(
    frame,
    placed.map(({ box }) => box),
  )
  return placed.map(({ layer, left, top, radius, box }) => {
    const bound = layer.roofline!.attainableMacsPerCycle
    const about = `layer ${layer.index} ${layer.op}: ${decimal(intensity(layer))} MACs per byte, ${decimal(layer.macsPerCycle)} MAC/cycle, ${percent(layer.macsPerCycle, bound)} of what is possible there; ${count(layer.cycles)} cycles`
    const dot = svg('circle', { cx: left, cy: top, r: radius, class: 'dot' })
    dot.style.fill = layerColour(data.layers.indexOf(layer), data.layers.length)
    const item = { class: ITEM, tabindex: -1, role: 'listitem', 'aria-label': about }
    return svg('g', item, svg('title', {}, about), dot, labels.beside(box, [String(layer.index)]))
  })
}

const around = (x: number, y: number, radius: number): Box => ({
  left: x - radius,
  top: y - radius,
  right: x + radius,
  bottom: y + radius,
})

const label = (value: number) => (value >= 1 ? String(value) : `1/${1 / value}`)
