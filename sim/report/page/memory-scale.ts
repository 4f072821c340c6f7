import type { MemoryPiece } from '../report-data.ts'

/** The thinnest that a piece is drawn, in pixels: a label fits. */
const LEAST = 14
const MOST_HEIGHT = 560

export interface MemoryScale {
  readonly height: number
  /** Pixels from the bottom to a begin or end of a piece. */
  readonly up: (offset: number) => number
  /** Begins and ends of pieces, ascending. */
  readonly edges: readonly number[]
  /** Whether something is drawn thicker than it is. */
  readonly stretched: boolean
}

/**
 * Heights of a map of memory. They are to scale, except where a piece would be too thin to see: there the axis is
 * stretched until it is not, and the whole grows.
 */
export function memoryScale(pieces: readonly MemoryPiece[], end: number, height: number): MemoryScale {
  const ends = pieces.flatMap(({ offset, bytes }) => [offset, offset + bytes])
  const edges = [...new Set([0, end, ...ends])].sort((a, b) => a - b)
  const positions = new Map(edges.map((edge, i) => [edge, i]))
  const heights = edges.slice(1).map((edge, i) => ((edge - edges[i]!) / end) * height)
  let stretched = false
  for (const { offset, bytes } of pieces.toSorted((a, b) => a.bytes - b.bytes)) {
    const [from, until] = [positions.get(offset)!, positions.get(offset + bytes)!]
    const lacks = LEAST - heights.slice(from, until).reduce((sum, one) => sum + one, 0)
    if (lacks <= 0) continue
    stretched = true
    for (let i = from; i < until; i++) heights[i]! += (lacks * (edges[i + 1]! - edges[i]!)) / bytes
  }
  const all = heights.reduce((sum, one) => sum + one, 0)
  const shrink = Math.min(1, MOST_HEIGHT / all)
  let at = 0
  const ups = [0, ...heights.map((one) => (at += one * shrink))]
  return { height: at, up: (offset) => ups[positions.get(offset)!]!, edges, stretched }
}
