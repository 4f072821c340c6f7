import type { Region } from '../../sim/accel/description.ts'

interface Repeat {
  readonly count: number
  readonly stride: number
}

/** A region made ready for comparing: repeats with the largest stride first, dense ones joined into the run. */
interface Box {
  readonly start: number
  readonly bytes: number
  readonly repeat: readonly Repeat[]
}

/** What a command touches in one memory, with its bounds for a quick no. */
interface Touch extends Box {
  readonly memory: string
  readonly write: boolean
  readonly end: number
}

/** Everything that a command touches. */
export type Footprint = readonly Touch[]

/** Bytes from the first to one past the last that a box covers. */
const extent = (box: Box) => box.repeat.reduce((sum, { count, stride }) => sum + (count - 1) * stride, box.bytes)

function touchOf(region: Region): Touch {
  const repeat = [...(region.repeat ?? [])].filter(({ count }) => count > 1).sort((a, b) => b.stride - a.stride)
  let bytes = region.bytes
  while (repeat.length > 0 && repeat.at(-1)!.stride <= bytes) {
    const { count, stride } = repeat.pop()!
    bytes += (count - 1) * stride
  }
  const box = { start: region.start, bytes, repeat }
  return { ...box, memory: region.memory, write: region.access === 'write', end: box.start + extent(box) }
}

/** The footprint of a command whose description says that it touches `regions`. */
export function footprintOf(regions: readonly Region[]): Footprint {
  return regions.filter((region) => region.bytes > 0).map(touchOf)
}

/**
 * Whether two boxes share a byte, exactly. Cuts the larger one along its outermost repeat and follows
 * only the pieces within reach of the other, so that two equal grids cost about one step per row.
 */
function boxesOverlap(a: Box, b: Box): boolean {
  const extentA = extent(a)
  const extentB = extent(b)
  if (a.start + extentA <= b.start || b.start + extentB <= a.start) return false
  if (a.repeat.length === 0 && b.repeat.length === 0) return true
  const cutA = b.repeat.length === 0 || (a.repeat.length > 0 && extentA >= extentB)
  const [big, small, reach] = cutA ? [a, b, extentB] : [b, a, extentA]
  const { count, stride } = big.repeat[0]!
  const piece = { start: big.start, bytes: big.bytes, repeat: big.repeat.slice(1) }
  const distance = small.start - big.start
  const first = Math.max(0, Math.floor((distance - extent(piece)) / stride) + 1)
  const last = Math.min(count - 1, Math.ceil((distance + reach) / stride) - 1)
  for (let i = first; i <= last; i++) if (boxesOverlap({ ...piece, start: big.start + i * stride }, small)) return true
  return false
}

/** Whether the order of two commands matters: they share a byte that at least one of them writes. */
export function conflict(a: Footprint, b: Footprint): boolean {
  for (const x of a)
    for (const y of b)
      if ((x.write || y.write) && x.memory === y.memory && x.start < y.end && y.start < x.end && boxesOverlap(x, y))
        return true
  return false
}
