/** What mouse, touch and keyboard do to the timeline. */
import type { TimelineCanvas } from './timeline-canvas.ts'
import type { View } from './view.ts'

const WHEEL = 0.0018
/** By how much a key or button zooms. */
export const STEP = 1.6
/** Pixels between two fingers from which on they zoom. */
const LEAST_PINCH = 4
/** Pixels that a pointer moves by before it drags. */
const LEAST_DRAG = 2

export function listenToKeys(timeline: TimelineCanvas, view: View): void {
  const zoom = (factor: number) => () => view.glide(...view.zoomed(factor))
  const zoomToSelected = () => {
    if (timeline.selected === undefined) return
    const { from, until } = timeline.selected.item
    const margin = (until - from) * 0.15
    view.glide(from - margin, until + margin)
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.pan(-view.span / 5),
    ArrowRight: () => view.pan(view.span / 5),
    ArrowUp: zoom(1 / STEP),
    ArrowDown: zoom(STEP),
    '+': zoom(1 / STEP),
    '=': zoom(1 / STEP),
    '-': zoom(STEP),
    Home: () => view.glide(0, view.cycles),
    n: () => timeline.step(1),
    p: () => timeline.step(-1),
    j: () => timeline.stepRow(1),
    k: () => timeline.stepRow(-1),
    Enter: zoomToSelected,
    Escape: () => timeline.select(undefined),
  }
  timeline.canvas.addEventListener('keydown', (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (action === undefined) return
    event.preventDefault()
    timeline.tip.hidden = true
    action()
  })
}

export function listenToWheel(timeline: TimelineCanvas, view: View): void {
  const { canvas } = timeline
  const turned = (event: WheelEvent) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
    if (!sideways && !event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return
    event.preventDefault()
    if (sideways) view.pan((event.deltaX / canvas.clientWidth) * view.span)
    else view.show(...view.zoomed(Math.exp(event.deltaY * WHEEL), timeline.instantAt(event.offsetX)))
  }
  canvas.addEventListener('wheel', turned, { passive: false })
  canvas.addEventListener('dblclick', ({ offsetX }) =>
    view.glide(...view.zoomed(1 / (STEP * STEP), timeline.instantAt(offsetX))),
  )
}

/** One pointer drags, two pinch, a click selects. */
export function listenToPointers(timeline: TimelineCanvas, view: View): void {
  const { canvas, tip } = timeline
  /** Pointers that are down, by id. */
  const down = new Map<number, number>()
  let moved = false
  canvas.addEventListener('pointerdown', ({ pointerId, offsetX }) => {
    down.set(pointerId, offsetX)
    moved = false
    canvas.setPointerCapture(pointerId)
  })
  canvas.addEventListener('pointermove', (event) => {
    const { pointerId, offsetX: now } = event
    const before = down.get(pointerId)
    if (before === undefined) return timeline.showTip(event)
    tip.hidden = true
    const other = [...down].find(([id]) => id !== pointerId)?.[1]
    down.set(pointerId, now)
    moved ||= Math.abs(now - before) > LEAST_DRAG
    if (other === undefined) view.pan(((before - now) / timeline.plotWidth) * view.span)
    else if (Math.abs(now - other) > LEAST_PINCH) {
      const factor = Math.abs(before - other) / Math.abs(now - other)
      view.show(...view.zoomed(factor, timeline.instantAt((now + other) / 2)))
    }
  })
  const up = ({ pointerId, type, offsetX, offsetY }: PointerEvent) => {
    const click = down.delete(pointerId) && !moved && type === 'pointerup'
    if (click) timeline.select(timeline.itemAt(offsetX, offsetY))
  }
  canvas.addEventListener('pointerup', up)
  canvas.addEventListener('pointercancel', up)
  canvas.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
}
