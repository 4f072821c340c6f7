import { html } from './dom.ts'
import { drawTimeline, gutterOf, tops } from './draw-timeline.ts'
import { count } from './format.ts'
import { onColours } from './theme.ts'
import { firstVisible, type Item, type Track } from './track.ts'
import type { Place, View } from './view.ts'

const HINT = 'Click on something, or press N, to see what it is.'

/** Something that is shown, and the number of its row. */
interface Found {
  readonly row: number
  readonly item: Item
}

/** The rows on a canvas, with what is selected and what the pointer is on. */
export class TimelineCanvas {
  readonly canvas: HTMLCanvasElement
  readonly range = html('output', { class: 'range', 'aria-live': 'polite' })
  readonly details = html('div', { class: 'details', 'aria-live': 'polite' }, HINT)
  readonly tip = html('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' })
  selected: Found | undefined
  private readonly tracks: readonly Track[]
  private readonly view: View
  private readonly top: readonly number[]
  private readonly height: number
  private queued = false

  constructor(tracks: readonly Track[], view: View) {
    this.tracks = tracks
    this.view = view
    this.top = tops(tracks)
    this.height = this.top.at(-1)!
    this.canvas = html('canvas', {
      id: 'timeline-canvas',
      tabindex: 0,
      role: 'application',
      'aria-roledescription': 'timeline',
      'aria-label': `Timeline with the rows ${tracks.map(({ name }) => name.split('\n')[0]).join(', ')}`,
      'aria-describedby': 'timeline-help',
    })
    this.canvas.style.height = `${this.height}px`
    view.onChange(() => this.redraw())
    view.onPick((place) => this.select(this.itemIn(place)))
    // At once: paper does not wait for the next frame.
    onColours(() => this.draw())
    new ResizeObserver(() => this.redraw()).observe(this.canvas)
  }

  /** Instant at a horizontal position in the canvas. */
  instantAt(x: number): number {
    return this.view.from + ((x - this.gutter) / this.plotWidth) * this.view.span
  }

  /** Width of the part that shows time. */
  get plotWidth(): number {
    return this.canvas.clientWidth - this.gutter
  }

  itemAt(x: number, y: number): Found | undefined {
    const { tracks, top, view } = this
    const row = top.findIndex((_, i) => i < tracks.length && y >= top[i]! && y < top[i]! + tracks[i]!.height)
    const track = tracks[row]
    if (track === undefined || x < this.gutter) return undefined
    const [at, level, slack] = [this.instantAt(x), (y - top[row]!) / track.height, view.span / this.canvas.clientWidth]
    let best: Item | undefined
    for (let i = firstVisible(track, at - slack); i < track.items.length; i++) {
      const item = track.items[i]!
      if (item.from > at + slack) break
      const inRow = track.integral !== undefined || item.top === undefined || inside(level, item)
      if (inRow && item.until >= at - slack)
        best = best !== undefined && best.until >= at && item.from > at ? best : item
    }
    return best && { row, item: best }
  }

  select(found: Found | undefined): void {
    this.selected = found
    this.details.replaceChildren(...(found === undefined ? [HINT] : linesOf(found.item)))
    this.redraw()
  }

  /** Goes to the next item of the row, or to the one before. */
  step(by: 1 | -1): void {
    const { view, selected } = this
    const row = selected?.row ?? 0
    const track = this.tracks[row]
    if (track === undefined) return
    const now = selected === undefined ? firstVisible(track, view.from) - by : track.items.indexOf(selected.item)
    this.goTo(row, track.items[Math.min(track.items.length - 1, Math.max(0, now + by))])
  }

  /** Goes to the item of a row below or above that is nearest in time. */
  stepRow(by: 1 | -1): void {
    const { selected, tracks } = this
    if (selected === undefined) {
      this.step(1)
      return
    }
    const row = Math.min(tracks.length - 1, Math.max(0, selected.row + by))
    const distance = ({ from, until }: Item) => Math.max(0, from - selected.item.from, selected.item.from - until)
    const nearest = tracks[row]!.items.reduce<Item | undefined>(
      (best, item) => (best === undefined || distance(item) < distance(best) ? item : best),
      undefined,
    )
    if (row !== selected.row) this.goTo(row, nearest)
  }

  showTip({ offsetX, offsetY, pointerType }: PointerEvent): void {
    const found = pointerType === 'mouse' ? this.itemAt(offsetX, offsetY) : undefined
    const { tip, canvas } = this
    tip.hidden = found === undefined
    canvas.style.cursor = found === undefined ? 'grab' : 'pointer'
    if (found === undefined) return
    tip.replaceChildren(...linesOf(found.item).slice(0, 5))
    const left = Math.min(offsetX + 14, canvas.clientWidth - tip.offsetWidth - 4)
    tip.style.transform = `translate(${Math.max(0, left)}px, ${offsetY + 18}px)`
  }

  private get gutter(): number {
    return gutterOf(this.tracks, this.canvas.clientWidth)
  }

  /** What a row has at an instant: what begins there before what goes on. */
  private itemIn({ row: name, at, label }: Place): Found | undefined {
    const row = this.tracks.findIndex((track) => track.name === name)
    const items = this.tracks[row]?.items ?? []
    const item =
      items.find((one) => one.from === at && (label === undefined || one.label === label)) ??
      items.find(({ from, until }) => from <= at && at <= until)
    return item && { row, item }
  }

  private goTo(row: number, item: Item | undefined): void {
    if (item === undefined) return
    const { view } = this
    this.select({ row, item })
    if (item.from >= view.from && item.until <= view.until) return
    view.glide(item.from - view.span / 2, item.from + view.span / 2)
  }

  private redraw(): void {
    if (this.queued) return
    this.queued = true
    requestAnimationFrame(() => {
      this.queued = false
      this.draw()
    })
  }

  private draw(): void {
    const { canvas, view, height } = this
    const { clientWidth: width } = canvas
    const ratio = devicePixelRatio
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
    }
    const context = canvas.getContext('2d')!
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    drawTimeline({ context, tracks: this.tracks, view, width, height, selected: this.selected?.item })
    canvas.dataset.from = String(view.from)
    canvas.dataset.until = String(view.until)
    this.range.textContent = `cycles ${count(view.from)} to ${count(view.until)} of ${count(view.cycles)}`
  }
}

const inside = (level: number, { top = 0, height = 1 }: Item) => level >= top && level < top + height

const linesOf = (item: Item) => item.details().map((line) => html('div', {}, line))
