/** The timeline: a canvas that is panned and zoomed by mouse, touch and keyboard. */
import type { ReportData } from '../report-data.ts'
import { html, section } from './dom.ts'
import { drawTimeline, gutterOf, tops } from './draw-timeline.ts'
import { count } from './format.ts'
import { onColours } from './theme.ts'
import { firstVisible, type Item, tracksOf } from './tracks.ts'
import type { View } from './view.ts'

const HELP =
  'Drag to move. To zoom turn the wheel after a click, or with Ctrl; pinch; or double-click. Keys: ← → move, ↑ ↓ or + − zoom, Home shows all, N and P go to the next and previous item of a row, Enter zooms to it.'
const WHEEL = 0.0018
const STEP = 1.6

export function timelineSection(data: ReportData, view: View): HTMLElement {
  const tracks = tracksOf(data)
  const top = tops(tracks)
  const height = top.at(-1)!
  const canvas = html('canvas', {
    id: 'timeline-canvas',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'timeline',
    'aria-label': `Timeline with the rows ${tracks.map(({ name }) => name.split('\n')[0]).join(', ')}`,
    'aria-describedby': 'timeline-help',
  })
  canvas.style.height = `${height}px`
  const range = html('output', { class: 'range', 'aria-live': 'polite' })
  const details = html(
    'div',
    { class: 'details', 'aria-live': 'polite' },
    'Click on something, or press N, to see what it is.',
  )
  const tip = html('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' })
  let selected: { readonly row: number; readonly item: Item } | undefined

  const draw = () => {
    const { clientWidth: width } = canvas
    const ratio = devicePixelRatio
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
    }
    const context = canvas.getContext('2d')!
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    drawTimeline(context, tracks, view, width, height, selected?.item)
    canvas.dataset.from = String(view.from)
    canvas.dataset.until = String(view.until)
    range.textContent = `cycles ${count(view.from)} to ${count(view.until)} of ${count(view.cycles)}`
  }
  let queued = false
  const redraw = () => {
    if (queued) return
    queued = true
    requestAnimationFrame(() => {
      queued = false
      draw()
    })
  }
  view.onChange(redraw)
  onColours(draw)
  new ResizeObserver(redraw).observe(canvas)

  /** Instant at a horizontal position in the canvas. */
  const instantAt = (x: number) => {
    const gutter = gutterOf(canvas.clientWidth)
    return view.from + ((x - gutter) / (canvas.clientWidth - gutter)) * view.span
  }
  const itemAt = (x: number, y: number) => {
    const row = top.findIndex((_, i) => i < tracks.length && y >= top[i]! && y < top[i]! + tracks[i]!.height)
    const track = tracks[row]
    if (track === undefined || x < gutterOf(canvas.clientWidth)) return undefined
    const [at, level, slack] = [instantAt(x), (y - top[row]!) / track.height, view.span / canvas.clientWidth]
    let best: Item | undefined
    for (let i = firstVisible(track, at - slack); i < track.items.length; i++) {
      const item = track.items[i]!
      if (item.from > at + slack) break
      const inRow = item.top === undefined || (level >= item.top && level < item.top + item.height!)
      if (inRow && item.until >= at - slack)
        best = best !== undefined && best.until >= at && item.from > at ? best : item
    }
    return best && { row, item: best }
  }
  const select = (found: typeof selected) => {
    selected = found
    if (found !== undefined) details.replaceChildren(...found.item.details().map((line) => html('div', {}, line)))
    redraw()
  }
  const step = (by: 1 | -1) => {
    const row = selected?.row ?? 0
    const items: readonly Item[] = tracks[row]?.items ?? []
    const now = selected === undefined ? firstVisible(tracks[row]!, view.from) - by : items.indexOf(selected.item)
    const item = items[Math.min(items.length - 1, Math.max(0, now + by))]
    if (item === undefined) return
    select({ row, item })
    if (item.from < view.from || item.until > view.until)
      view.glide(item.from - view.span / 2, item.from + view.span / 2)
  }
  const zoomTo = ({ from, until }: Item) => {
    const margin = (until - from) * 0.15
    view.glide(from - margin, until + margin)
  }
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.pan(-view.span / 5),
    ArrowRight: () => view.pan(view.span / 5),
    ArrowUp: () => view.glide(...view.zoomed(1 / STEP)),
    ArrowDown: () => view.glide(...view.zoomed(STEP)),
    '+': () => view.glide(...view.zoomed(1 / STEP)),
    '=': () => view.glide(...view.zoomed(1 / STEP)),
    '-': () => view.glide(...view.zoomed(STEP)),
    Home: () => view.glide(0, view.cycles),
    n: () => step(1),
    p: () => step(-1),
    Enter: () => selected && zoomTo(selected.item),
  }
  canvas.addEventListener('keydown', (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (action === undefined) return
    event.preventDefault()
    action()
  })
  canvas.addEventListener(
    'wheel',
    (event) => {
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (!sideways && !event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return
      event.preventDefault()
      if (sideways) view.pan((event.deltaX / canvas.clientWidth) * view.span)
      else view.show(...view.zoomed(Math.exp(event.deltaY * WHEEL), instantAt(event.offsetX)))
    },
    { passive: false },
  )
  canvas.addEventListener('dblclick', (event) =>
    view.glide(...view.zoomed(1 / (STEP * STEP), instantAt(event.offsetX))),
  )

  /** Pointers that are down, by id. */
  const down = new Map<number, number>()
  let moved = false
  canvas.addEventListener('pointerdown', (event) => {
    down.set(event.pointerId, event.offsetX)
    moved = false
    canvas.setPointerCapture(event.pointerId)
  })
  canvas.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId)
    if (before === undefined) return showTip(event)
    tip.hidden = true
    const others = [...down].filter(([id]) => id !== event.pointerId).map(([, x]) => x)
    down.set(event.pointerId, event.offsetX)
    moved ||= Math.abs(event.offsetX - before) > 2
    const [other] = others
    if (other === undefined)
      view.pan(((before - event.offsetX) / (canvas.clientWidth - gutterOf(canvas.clientWidth))) * view.span)
    else if (Math.abs(event.offsetX - other) > 4) {
      view.show(
        ...view.zoomed(
          Math.abs(before - other) / Math.abs(event.offsetX - other),
          instantAt((event.offsetX + other) / 2),
        ),
      )
    }
  })
  const up = (event: PointerEvent) => {
    const click = down.delete(event.pointerId) && !moved && event.type === 'pointerup'
    if (click) select(itemAt(event.offsetX, event.offsetY))
  }
  canvas.addEventListener('pointerup', up)
  canvas.addEventListener('pointercancel', up)
  canvas.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
  const showTip = ({ offsetX, offsetY, pointerType }: PointerEvent) => {
    const found = pointerType === 'mouse' ? itemAt(offsetX, offsetY) : undefined
    tip.hidden = found === undefined
    canvas.style.cursor = found === undefined ? 'grab' : 'pointer'
    if (found === undefined) return
    tip.replaceChildren(
      ...found.item
        .details()
        .slice(0, 5)
        .map((line) => html('div', {}, line)),
    )
    const left = Math.min(offsetX + 14, canvas.clientWidth - tip.offsetWidth - 4)
    tip.style.transform = `translate(${Math.max(0, left)}px, ${offsetY + 18}px)`
  }

  const button = (label: string, text: string, action: () => void) => {
    const one = html('button', { type: 'button', 'aria-label': label, title: label }, text)
    one.addEventListener('click', action)
    return one
  }
  const bar = html(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': 'Timeline' },
    button('Zoom in', '+', () => view.glide(...view.zoomed(1 / STEP))),
    button('Zoom out', '−', () => view.glide(...view.zoomed(STEP))),
    button('Earlier', '←', () => view.glide(view.from - view.span / 2, view.until - view.span / 2)),
    button('Later', '→', () => view.glide(view.from + view.span / 2, view.until + view.span / 2)),
    button('Show all', 'all', () => view.glide(0, view.cycles)),
    range,
  )
  const note =
    data.timeline.calls.shortest > 1
      ? ` Calls of fewer than ${count(data.timeline.calls.shortest)} cycles are left out.`
      : ''
  return section(
    'timeline',
    'Timeline',
    bar,
    html('div', { class: 'chart' }, canvas, tip),
    details,
    html('p', { id: 'timeline-help', class: 'note' }, HELP + note),
  )
}
