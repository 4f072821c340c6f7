import { type HierarchyRectangularNode, hierarchy, partition } from 'd3-hierarchy'
import type { FlameFrame } from '../report-data.ts'
import { html, section } from './dom.ts'
import { count, percent } from './format.ts'

const ROW = 22
/** Frames narrower than this part of the whole are not drawn. */
const LEAST = 0.0008
const HELP =
  'Each frame is a function, below the one that called it, as wide as the cycles of it and all that it called. A click, or Enter, makes it the whole width; with the keyboard the arrow keys go to callers, callees and neighbours.'

type Frame = HierarchyRectangularNode<FlameFrame>

/** Cycles of the hart by call path; a click on a frame makes it the whole width. */
export function flameSection(flame: FlameFrame): HTMLElement {
  const root = partition<FlameFrame>()(
    hierarchy(flame).sum(({ cycles, children }) => cycles - children.reduce((sum, child) => sum + child.cycles, 0)),
  )
  const chart = html('div', { class: 'flame', role: 'tree', 'aria-label': 'Cycles by call path' })
  // The same text is each frame's name: nobody needs to hear it twice.
  const about = html('div', { class: 'details', 'aria-hidden': 'true' })
  let shown = new Map<Frame, HTMLElement>()
  const tell = (frame: Frame) => {
    about.textContent = describe(frame, root)
  }
  /** The one frame that Tab reaches. */
  const stop = (frame: Frame) => {
    for (const [other, button] of shown) button.tabIndex = other === frame ? 0 : -1
  }
  const goTo = (frame: Frame) => {
    stop(frame)
    shown.get(frame)?.focus()
  }
  const zoom = (focus: Frame) => {
    const visible = visibleFrom(focus)
    shown = new Map(visible.map((frame) => [frame, frameButton(frame, focus, describe(frame, root))]))
    for (const [frame, button] of shown) {
      button.addEventListener('click', () => {
        zoom(frame)
        goTo(frame)
      })
      for (const kind of ['focus', 'pointerenter']) button.addEventListener(kind, () => tell(frame))
      button.addEventListener('keydown', (event) => {
        const to = event.ctrlKey || event.metaKey || event.altKey ? undefined : target(event.key, frame, visible)
        if (to === undefined) return
        event.preventDefault()
        goTo(to)
      })
    }
    chart.style.height = `${(Math.max(...visible.map(({ depth }) => depth)) + 1) * ROW}px`
    chart.replaceChildren(...shown.values())
    stop(focus)
    tell(focus)
  }
  zoom(root)
  return section('flame', 'Flame graph: functions of the hart', chart, about, html('p', { class: 'note' }, HELP))
}

/** What called a frame, itself, and what it called, where that is wide enough to be drawn. */
function visibleFrom(focus: Frame): Frame[] {
  const width = focus.x1 - focus.x0
  return [...focus.ancestors().slice(1).reverse(), ...focus.descendants()].filter(
    (frame) => (frame.x1 - frame.x0) / width >= LEAST,
  )
}

/** The frame that a key goes to; undefined for other keys, and at an end. */
function target(key: string, frame: Frame, visible: readonly Frame[]): Frame | undefined {
  const row = visible.filter(({ depth }) => depth === frame.depth).sort((a, b) => a.x0 - b.x0)
  const targets: Readonly<Record<string, () => Frame | null | undefined>> = {
    ArrowUp: () => frame.parent,
    ArrowDown: () => visible.find(({ parent }) => parent === frame),
    ArrowLeft: () => row[row.indexOf(frame) - 1],
    ArrowRight: () => row[row.indexOf(frame) + 1],
    Home: () => visible[0],
  }
  return targets[key]?.() ?? undefined
}

/** A frame where it is when `focus` takes the whole width. */
function frameButton({ data, depth, x0, x1 }: Frame, focus: Frame, title: string): HTMLElement {
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
  button.style.width = `calc(${100 * (right - left)}% - 1px)`
  button.style.top = `${depth * ROW}px`
  return button
}

const describe = ({ data, value }: { readonly data: FlameFrame; readonly value?: number | undefined }, root: Frame) =>
  `${data.name}: ${count(value ?? 0)} cycles, ${percent(value ?? 0, root.value ?? 0)}`
