import { scaleLinear } from 'd3-scale'
import type { ArenaData, ReportData } from '../report-data.ts'
import { horizontalGrid, textBelow } from './axes.ts'
import { html, section, svg } from './dom.ts'
import { bytes } from './format.ts'
import { layerColour, onColours } from './theme.ts'

const HEIGHT = 260
const MARGIN = { left: 62, right: 8, top: 8, bottom: 34 }

/** Which bytes of the arena hold which tensor during which layers. */
export function arenaSection(data: ReportData, arena: ArenaData): HTMLElement {
  const host = html('div', { class: 'chart' })
  const draw = () => {
    const width = Math.max(280, host.clientWidth)
    host.replaceChildren(chart(data, arena, width))
  }
  new ResizeObserver(draw).observe(host)
  onColours(draw)
  const text = `${bytes(arena.bytes)} for all tensors in RAM; a tensor stays from the layer that makes it to the last that reads it. Those that never leave the scratchpads are not here.`
  return section('arena', 'Memory arena', html('p', { class: 'note' }, text), host)
}

interface Scales {
  readonly x: (layer: number) => number
  readonly y: (offset: number) => number
}

function chart(data: ReportData, arena: ArenaData, width: number): SVGElement {
  const layers = data.layers.length
  const x = scaleLinear([0, layers], [MARGIN.left, width - MARGIN.right])
  const y = scaleLinear([0, Math.max(1, arena.bytes)], [HEIGHT - MARGIN.bottom, MARGIN.top])
  const unit = arena.bytes < 4096 ? 1 : 1024
  const ticks = scaleLinear([0, arena.bytes / unit], [0, 1]).ticks(5)
  const every = Math.max(1, Math.ceil(layers / ((width - MARGIN.left) / 26)))
  const names = data.layers.flatMap(({ index }, i) =>
    i % every === 0 ? [textBelow(x(i + 0.5), HEIGHT - MARGIN.bottom + 15, index)] : [],
  )
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: 'list', 'aria-label': 'Tensors in the arena' },
    ...horizontalGrid(
      ticks.map((value) => value * unit),
      y,
      bytes,
      { ...MARGIN, width },
    ),
    ...names,
    textBelow((MARGIN.left + width) / 2, HEIGHT - 3, 'layer'),
    ...arena.tensors.map((tensor) => tensorBox(data, tensor, { x, y })),
  )
}

function tensorBox(data: ReportData, tensor: ArenaData['tensors'][number], { x, y }: Scales): SVGElement {
  const [left, right] = [x(tensor.first), x(tensor.last + 1)]
  const [top, bottom] = [y(tensor.offset + tensor.bytes), y(tensor.offset)]
  const about = `${tensor.name}, ${tensor.type}: bytes ${tensor.offset} to ${tensor.offset + tensor.bytes}, layers ${data.layers[tensor.first]?.index} to ${data.layers[tensor.last]?.index}`
  const [width, height] = [Math.max(1, right - left - 1), Math.max(1, bottom - top - 1)]
  const box = svg('rect', { x: left + 0.5, y: top + 0.5, width, height, rx: 2 })
  box.style.fill = layerColour(tensor.first, data.layers.length)
  const place = { class: 'inside', x: left + 6, y: (top + bottom) / 2, 'dominant-baseline': 'middle' }
  const room = bottom - top > 14 && right - left > 60
  const label = room ? svg('text', place, shortened(tensor.name, right - left)) : undefined
  return svg('g', { role: 'listitem', tabindex: 0, 'aria-label': about }, svg('title', {}, about), box, label)
}

/** The end of a name says more than its begin. */
function shortened(name: string, width: number): string {
  const room = Math.floor((width - 10) / 6.6)
  return name.length <= room ? name : `…${name.slice(name.length - room + 1)}`
}
