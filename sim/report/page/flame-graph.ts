import { type HierarchyRectangularNode, hierarchy, partition } from 'd3-hierarchy'
import type { FlameFrame } from '../report-data.ts'
import { html, section } from './dom.ts'
import { count, percent } from './format.ts'

const ROW = 22
/** Frames narrower than this part of the whole are not drawn. */
const LEAST = 0.0008

type Frame = HierarchyRectangularNode<FlameFrame>

/** Cycles of the hart by call path; a click on a frame makes it the whole width. */
export function flameSection(flame: FlameFrame): HTMLElement {
  const root = partition<FlameFrame>()(
    hierarchy(flame).sum(({ cycles, children }) => cycles - children.reduce((sum, child) => sum + child.cycles, 0)),
  )
  const chart = html('div', { class: 'flame', role: 'tree', 'aria-label': 'Cycles by call path' })
  const about = html('div', { class: 'details', 'aria-live': 'polite' })
  const zoom = (focus: Frame) => {
    const width = focus.x1 - focus.x0
    const visible = [...focus.ancestors().slice(1).reverse(), ...focus.descendants()].filter(
      (frame) => (frame.x1 - frame.x0) / width >= LEAST,
    )
    chart.style.height = `${(Math.max(...visible.map(({ depth }) => depth)) + 1) * ROW}px`
    chart.replaceChildren(
      ...visible.map((frame) =>
        frameButton(frame, focus, describe(frame, root), () => {
          zoom(frame)
          chart.querySelectorAll('button')[frame.depth]?.focus()
        }),
      ),
    )
    about.textContent = describe(focus, root)
  }
  zoom(root)
  return section('flame', 'Functions of the hart', chart, about)
}

/** A frame where it is when `focus` takes the whole width. */
function frameButton({ data, depth, x0, x1 }: Frame, focus: Frame, title: string, zoom: () => void): HTMLElement {
  const width = focus.x1 - focus.x0
  const [left, right] = [Math.max(0, (x0 - focus.x0) / width), Math.min(1, (x1 - focus.x0) / width)]
  const button = html(
    'button',
    {
      type: 'button',
      class: `frame tone${depth % 3}`,
      title,
      role: 'treeitem',
      'aria-level': depth + 1,
      'aria-label': title,
    },
    right - left > 0.02 ? data.name : '',
  )
  button.style.left = `${100 * left}%`
  button.style.width = `${100 * (right - left)}%`
  button.style.top = `${depth * ROW}px`
  button.addEventListener('click', zoom)
  return button
}

const describe = ({ data, value }: { readonly data: FlameFrame; readonly value?: number | undefined }, root: Frame) =>
  `${data.name}: ${count(value ?? 0)} cycles, ${percent(value ?? 0, root.value ?? 0)}`
