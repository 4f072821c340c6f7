/** How wide text is, and how much of it fits. */
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
