import type { Region } from '../accel/description.ts'

/** Calls `visit` for every run of contiguous bytes of a region; runs that touch one another are one. */
export function eachRun({ start, bytes, repeat = [] }: Region, visit: (start: number, bytes: number) => void): void {
  let run = bytes
  const outer: { count: number; stride: number }[] = []
  for (let i = repeat.length - 1; i >= 0; i--) {
    const { count, stride } = repeat[i]!
    if (outer.length === 0 && (count === 1 || stride === run)) run *= count
    else if (count !== 1) outer.unshift({ count, stride })
  }
  if (run > 0) walk(outer, 0, start, run, visit)
}

function walk(
  dimensions: readonly { readonly count: number; readonly stride: number }[],
  depth: number,
  start: number,
  bytes: number,
  visit: (start: number, bytes: number) => void,
): void {
  const dimension = dimensions[depth]
  if (dimension === undefined) {
    visit(start, bytes)
    return
  }
  for (let i = 0; i < dimension.count; i++) walk(dimensions, depth + 1, start + i * dimension.stride, bytes, visit)
}

/** One past the last byte of a region. */
export function endOf({ start, bytes, repeat = [] }: Region): number {
  return repeat.reduce((end, { count, stride }) => end + (count - 1) * stride, start + bytes)
}
