import { scaleLinear } from 'd3-scale'
import type { ArenaData, ReportData } from '../report-data.ts'
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

function chart(data: ReportData, arena: ArenaData, width: number): SVGElement {
  const layers = data.layers.length
  const x = scaleLinear([0, layers], [MARGIN.left, width - MARGIN.right])
  const y = scaleLinear([0, Math.max(1, arena.bytes)], [HEIGHT - MARGIN.bottom, MARGIN.top])
  const steps = Math.max(1, Math.ceil(layers / ((width - MARGIN.left) / 26)))
  const unit = arena.bytes < 4096 ? 1 : 1024
  const ticks = scaleLinear([0, arena.bytes / unit], [0, 1])
    .ticks(5)
    .map((value) => value * unit)
  const grid = ticks.map((tick) => [
    svg('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }),
    svg(
      'text',
      { class: 'tick', x: MARGIN.left - 6, y: y(tick), 'text-anchor': 'end', 'dominant-baseline': 'middle' },
      bytes(tick),
    ),
  ])
  const names = data.layers
    .filter((_, i) => i % steps === 0)
    .map((layer, i) =>
      svg(
        'text',
        { class: 'tick', x: x(i * steps + 0.5), y: HEIGHT - MARGIN.bottom + 15, 'text-anchor': 'middle' },
        layer.index,
      ),
    )
  const axis = svg(
    'text',
    { class: 'tick', x: (MARGIN.left + width) / 2, y: HEIGHT - 3, 'text-anchor': 'middle' },
    'layer',
  )
  const boxes = arena.tensors.map((tensor) => {
    const [left, right] = [x(tensor.first), x(tensor.last + 1)]
    const [top, bottom] = [y(tensor.offset + tensor.bytes), y(tensor.offset)]
    const about = `${tensor.name}, ${tensor.type}: bytes ${tensor.offset} to ${tensor.offset + tensor.bytes}, layers ${data.layers[tensor.first]?.index} to ${data.layers[tensor.last]?.index}`
    const box = svg('rect', {
      x: left + 0.5,
      y: top + 0.5,
      width: Math.max(1, right - left - 1),
      height: Math.max(1, bottom - top - 1),
      rx: 2,
    })
    box.style.fill = layerColour(tensor.first, layers)
    const label =
      bottom - top > 14 && right - left > 60
        ? svg(
            'text',
            { class: 'inside', x: left + 6, y: (top + bottom) / 2, 'dominant-baseline': 'middle' },
            shortened(tensor.name, right - left),
          )
        : undefined
    return svg('g', { role: 'listitem', tabindex: 0, 'aria-label': about }, svg('title', {}, about), box, label)
  })
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: 'list', 'aria-label': 'Tensors in the arena' },
    ...grid.flat(),
    ...names,
    axis,
    ...boxes,
  )
}

/** The end of a name says more than its begin. */
function shortened(name: string, width: number): string {
  const room = Math.floor((width - 10) / 6.6)
  return name.length <= room ? name : `…${name.slice(name.length - room + 1)}`
}
