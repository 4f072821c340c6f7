import { scaleLinear } from 'd3-scale'
import { count } from './format.ts'
import { FONT, fitted, textWidth } from './text.ts'
import { colour } from './theme.ts'
import { firstVisible, type Item, type Track } from './track.ts'
import type { View } from './view.ts'

const AXIS = 24
const GAP = 5
const PIXELS_PER_TICK = 110
const LEAST_LABEL = 26
const LEAST_LABEL_HEIGHT = 11
const LEAST_HEIGHT = 2
const GUTTER_PAD = 4
/** The column of names takes no more of the width than this. */
const MOST_GUTTER = 0.32

/** Width of the column with the names of the rows. */
export function gutterOf(tracks: readonly Track[], width: number): number {
  const names = ['cycles', ...tracks.flatMap(({ name }) => name.split('\n'))]
  const widest = Math.max(...names.map(textWidth)) + 3 * GUTTER_PAD
  return Math.round(Math.min(widest, width * MOST_GUTTER))
}

/** Top of every row, and below the last. */
export function tops(tracks: readonly Track[]): number[] {
  const all = [AXIS + GAP]
  for (const { height } of tracks) all.push(all.at(-1)! + height + GAP)
  return all
}

export interface Drawing {
  readonly context: CanvasRenderingContext2D
  readonly tracks: readonly Track[]
  readonly view: View
  /** Of the canvas, in CSS pixels. */
  readonly width: number
  readonly height: number
  readonly selected: Item | undefined
}

type Scale = ReturnType<typeof scaleLinear<number, number>>

/** One row while it is drawn. */
interface Row {
  readonly context: CanvasRenderingContext2D
  readonly track: Track
  readonly top: number
  readonly x: Scale
  readonly view: View
  readonly selected: Item | undefined
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Draws the whole timeline into its canvas. */
export function drawTimeline(drawing: Drawing): void {
  const { context, tracks, view, width, height, selected } = drawing
  const gutter = gutterOf(tracks, width)
  const x = scaleLinear([view.from, view.until], [gutter, width])
  context.clearRect(0, 0, width, height)
  context.font = FONT
  context.textBaseline = 'middle'
  drawAxis(context, x, width, height)
  const top = tops(tracks)
  for (const [i, track] of tracks.entries()) {
    const row = { context, track, top: top[i]!, x, view, selected }
    drawName(row)
    context.save()
    clip(context, gutter, row.top, width - gutter, track.height)
    context.fillStyle = colour('track')
    context.fillRect(gutter, row.top, width - gutter, track.height)
    if (track.integral === undefined) drawItems(row)
    else drawLevels(row, track.integral)
    context.restore()
  }
  context.save()
  clip(context, gutter, 0, width - gutter, height)
  drawLinks(drawing, top, x)
  context.restore()
}

function clip(context: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void {
  context.beginPath()
  context.rect(left, top, width, height)
  context.clip()
}

function drawAxis(context: CanvasRenderingContext2D, x: Scale, width: number, height: number): void {
  const [left] = x.range() as [number, number]
  const ticks = x.ticks(Math.max(2, Math.floor((width - left) / PIXELS_PER_TICK)))
  context.strokeStyle = colour('line')
  context.fillStyle = colour('muted')
  context.textAlign = 'left'
  context.lineWidth = 1
  for (const tick of ticks) {
    const at = Math.round(x(tick)) + 0.5
    context.beginPath()
    context.moveTo(at, 4)
    context.lineTo(at, height)
    context.stroke()
    const text = count(tick)
    if (at + 4 + context.measureText(text).width < width) context.fillText(text, at + 4, AXIS / 2)
  }
  context.fillText('cycles', GUTTER_PAD, AXIS / 2)
}

function drawName({ context, track: { name, height }, top, x }: Row): void {
  const room = x.range()[0]! - 2 * GUTTER_PAD
  context.textAlign = 'left'
  const lines = name.split('\n')
  for (const [i, line] of lines.entries()) {
    context.fillStyle = colour(i === 0 ? 'text' : 'muted')
    const middle = lines.length === 1 ? top + Math.min(height, 22) / 2 : top + 10 + 15 * i
    context.fillText(fitted(line, room, 2) ?? '', GUTTER_PAD, middle)
  }
}

function drawItems(row: Row): void {
  const { track, top, x, view, selected } = row
  // Items narrower than a pixel that follow one another there are drawn once: what cannot be told apart need not be drawn.
  let drawn = { end: Number.NEGATIVE_INFINITY, top: -1, height: -1 }
  for (let i = firstVisible(track, view.from); i < track.items.length; i++) {
    const item = track.items[i]!
    if (item.from > view.until) break
    const left = x(item.from)
    const place = { end: Math.max(left + 1, x(item.until)), top: item.top ?? 0, height: item.height ?? 1 }
    if (item.until < view.from) continue
    const hidden = place.end <= drawn.end + 0.5 && place.top === drawn.top && place.height === drawn.height
    if (hidden && item !== selected) continue
    drawn = place
    const [offset, height] = [place.top * track.height, place.height * track.height]
    drawItem(row, item, { left, top: top + offset, width: place.end - left, height })
  }
}

function drawItem(row: Row, item: Item, box: Box): void {
  const { context, track, selected } = row
  context.fillStyle = item.colour()
  // A hairline between neighbours, once there is room for one.
  const gap = box.width > 3 && track.named ? 1 : 0
  const line = track.named && (item.top ?? 0) > 0 ? 1 : 0
  const height = Math.max(LEAST_HEIGHT, box.height - line)
  // What is thin at the bottom of its row must not slip out of it.
  context.fillRect(box.left, Math.min(box.top, row.top + track.height - height), box.width - gap, height)
  if (track.named) drawLabel(row, item, box)
  if (item !== selected) return
  context.strokeStyle = colour('text')
  context.lineWidth = 2
  context.strokeRect(box.left + 1, box.top + 1, Math.max(1, box.width - 2), box.height - 2)
}

function drawLabel({ context, view, x }: Row, { label }: Item, box: Box): void {
  const left = Math.max(box.left, x(view.from)) + 4
  const room = Math.min(box.left + box.width, x(view.until)) - left - 3
  if (room < LEAST_LABEL || box.height < LEAST_LABEL_HEIGHT) return
  let text = label
  while (text.length > 1 && context.measureText(text).width > room)
    text = `${text.slice(0, Math.min(text.length - 2, Math.ceil(text.length * 0.8)))}…`
  if (text.length < 3 && text !== label) return
  context.fillStyle = context.fillStyle === colour('idle') ? colour('text') : colour('on-colour')
  context.textAlign = 'left'
  context.fillText(text, left, box.top + box.height / 2 + 0.5)
}

/** For each pixel the average over its cycles: zoomed out, short peaks look as long as they are. */
function drawLevels({ context, track, top, x, view, selected }: Row, integral: (at: number) => number): void {
  const [left, right] = x.range() as [number, number]
  const first = track.items[0]
  if (first === undefined) return
  context.fillStyle = first.colour()
  let before = integral(view.from)
  for (let pixel = left; pixel < right; pixel++) {
    const [from, until] = [x.invert(pixel), x.invert(Math.min(right, pixel + 1))]
    const sum = integral(until)
    const height = ((sum - before) / (until - from)) * track.height
    before = sum
    if (height > 0.05) context.fillRect(pixel, top + track.height - height, 1, height)
  }
  if (selected === undefined || !track.items.includes(selected)) return
  context.strokeStyle = colour('text')
  context.lineWidth = 2
  const width = Math.max(2, x(selected.until) - x(selected.from) - 2)
  context.strokeRect(x(selected.from) + 1, top + 1, width, track.height - 2)
}

/** From what the selected item waited for to it, and from it to what waited for it. */
function drawLinks({ context, tracks, selected }: Drawing, top: readonly number[], x: Scale): void {
  const links = selected?.links?.()
  if (selected === undefined || links === undefined) return
  const middleOf = (item: Item) => {
    const row = tracks.findIndex(({ items }) => items.includes(item))
    return top[row]! + tracks[row]!.height / 2
  }
  context.strokeStyle = colour('text')
  context.fillStyle = colour('text')
  context.lineWidth = 1.5
  for (const [from, to] of [
    ...links.before.map((item) => [item, selected] as const),
    ...links.after.map((item) => [selected, item] as const),
  ]) {
    drawArrow(context, [x(from.until), middleOf(from)], [x(to.from), middleOf(to)])
  }
}

type Point = readonly [x: number, y: number]

function drawArrow(context: CanvasRenderingContext2D, [x0, y0]: Point, [x1, y1]: Point): void {
  const bend = Math.max(12, Math.abs(x1 - x0) / 2)
  context.beginPath()
  context.moveTo(x0, y0)
  context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1 - 4, y1)
  context.stroke()
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x1 - 7, y1 - 4)
  context.lineTo(x1 - 7, y1 + 4)
  context.fill()
}
