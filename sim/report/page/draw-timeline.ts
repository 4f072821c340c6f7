import { scaleLinear } from 'd3-scale'
import { count } from './format.ts'
import { colour } from './theme.ts'
import { firstVisible, type Item, type Track } from './tracks.ts'
import type { View } from './view.ts'

const AXIS = 24
const GAP = 5
const FONT = '11px system-ui, sans-serif'
const PIXELS_PER_TICK = 110
const LEAST_LABEL = 26

/** Width of the column with the names of the rows. */
export const gutterOf = (width: number): number => (width < 600 ? 74 : 112)

/** Top of every row, and below the last. */
export function tops(tracks: readonly Track[]): number[] {
  const all = [AXIS + GAP]
  for (const { height } of tracks) all.push(all.at(-1)! + height + GAP)
  return all
}

/** Draws the whole timeline into a canvas of `width` x `height` CSS pixels. */
export function drawTimeline(
  context: CanvasRenderingContext2D,
  tracks: readonly Track[],
  view: View,
  width: number,
  height: number,
  selected: Item | undefined,
): void {
  const gutter = gutterOf(width)
  const x = scaleLinear([view.from, view.until], [gutter, width])
  context.clearRect(0, 0, width, height)
  context.font = FONT
  context.textBaseline = 'middle'
  drawAxis(context, x, width, height)
  const top = tops(tracks)
  for (const [i, track] of tracks.entries()) {
    drawName(context, track, top[i]!)
    context.save()
    context.beginPath()
    context.rect(gutter, top[i]!, width - gutter, track.height)
    context.clip()
    context.fillStyle = colour('track')
    context.fillRect(gutter, top[i]!, width - gutter, track.height)
    drawItems(context, track, top[i]!, x, view, selected)
    context.restore()
  }
}

type Scale = ReturnType<typeof scaleLinear<number, number>>

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
  context.fillText('cycles', 4, AXIS / 2)
}

function drawName(context: CanvasRenderingContext2D, { name, height }: Track, top: number): void {
  context.textAlign = 'left'
  const lines = name.split('\n')
  for (const [i, line] of lines.entries()) {
    context.fillStyle = colour(i === 0 ? 'text' : 'muted')
    const middle = lines.length === 1 ? top + Math.min(height, 22) / 2 : top + 10 + 15 * i
    context.fillText(line, 4, middle)
  }
}

function drawItems(
  context: CanvasRenderingContext2D,
  track: Track,
  top: number,
  x: Scale,
  view: View,
  selected: Item | undefined,
): void {
  // Items narrower than a pixel that follow one another there are drawn once: what cannot be told apart need not be drawn.
  let drawn = { end: Number.NEGATIVE_INFINITY, top: -1, height: -1 }
  for (let i = firstVisible(track, view.from); i < track.items.length; i++) {
    const item = track.items[i]!
    if (item.from > view.until) break
    const [left, right] = [x(item.from), x(item.until)]
    const place = { end: Math.max(left + 1, right), top: item.top ?? 0, height: item.height ?? 1 }
    if (item.until < view.from) continue
    if (place.end <= drawn.end + 0.5 && place.top === drawn.top && place.height === drawn.height && item !== selected)
      continue
    drawn = place
    const box = {
      left,
      top: top + place.top * track.height,
      width: place.end - left,
      height: place.height * track.height,
    }
    context.fillStyle = item.colour()
    // A hairline between neighbours, once there is room for one.
    const gap = box.width > 3 && track.named ? 1 : 0
    context.fillRect(
      box.left,
      box.top,
      box.width - gap,
      Math.max(1, box.height - (track.named && (item.top ?? 0) > 0 ? 1 : 0)),
    )
    if (track.named) drawLabel(context, item, box, view, x)
    if (item === selected) {
      context.strokeStyle = colour('text')
      context.lineWidth = 2
      context.strokeRect(box.left + 1, box.top + 1, Math.max(1, box.width - 2), box.height - 2)
    }
  }
}

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function drawLabel(context: CanvasRenderingContext2D, { label }: Item, box: Box, view: View, x: Scale): void {
  const left = Math.max(box.left, x(view.from)) + 4
  const room = Math.min(box.left + box.width, x(view.until)) - left - 3
  if (room < LEAST_LABEL) return
  let text = label
  while (text.length > 1 && context.measureText(text).width > room)
    text = `${text.slice(0, Math.min(text.length - 2, Math.ceil(text.length * 0.8)))}…`
  if (text.length < 3 && text !== label) return
  context.fillStyle = context.fillStyle === colour('idle') ? colour('text') : colour('on-colour')
  context.textAlign = 'left'
  context.fillText(text, left, box.top + box.height / 2 + 0.5)
}
