/** How wide text is, and how much of it fits. */
import { svg } from './dom.ts'

/** What charts and the timeline write with. */
export const FONT = '11px system-ui, sans-serif'

const context = document.createElement('canvas').getContext('2d')!

/** In pixels. */
export function textWidth(text: string): number {
  context.font = FONT
  return context.measureText(text).width
}

/** As much of a text as there is room for: its begin and its end, or nothing when that would be too little to know it by. */
export function fitted(text: string, room: number, least = 6): string | undefined {
  if (textWidth(text) <= room) return text
  const letters = [...text]
  const kept = (count: number) =>
    `${letters.slice(0, Math.ceil(count / 2)).join('')}…${letters.slice(letters.length - Math.floor(count / 2)).join('')}`
  let [low, high] = [0, letters.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (textWidth(kept(middle)) <= room) low = middle
    else high = middle - 1
  }
  return low < least ? undefined : kept(low)
}

/** A part of a chart, in pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const LINE = 13
const GAP = 4

const apart = (a: Box, b: Box) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top

/**
 * Writes labels beside things so that nothing is written on anything else: on the right of a thing, else on its left,
 * above or below; else not at all.
 */
export class Labels {
  private readonly taken: Box[]
  private readonly frame: Box

  /** @param taken where no label goes */
  constructor(frame: Box, taken: readonly Box[]) {
    this.frame = frame
    this.taken = [...taken]
  }

  /** @param label begins with the text to prefer */
  beside(thing: Box, texts: readonly string[]): SVGElement | undefined {
    const middle = (thing.top + thing.bottom) / 2
    const centre = (thing.left + thing.right) / 2
    for (const text of texts) {
      const width = textWidth(text)
      const places = [
        { left: thing.right + GAP, top: middle - LINE / 2 },
        { left: thing.left - GAP - width, top: middle - LINE / 2 },
        { left: centre - width / 2, top: thing.top - LINE },
        { left: centre - width / 2, top: thing.bottom },
      ]
      for (const { left, top } of places) {
        const box = { left, top, right: left + width, bottom: top + LINE }
        if (!this.free(box)) continue
        this.taken.push({ ...box, left: left - GAP, right: box.right + GAP })
        return svg('text', { class: 'beside', x: left, y: top + LINE - 3 }, text)
      }
    }
    return undefined
  }

  private free(box: Box): boolean {
    const { left, top, right, bottom } = this.frame
    const inside = box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom
    return inside && this.taken.every((other) => apart(box, other))
  }
}
