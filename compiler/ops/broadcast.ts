import type { Tensor } from '../ir/graph.ts'
import { ensureShape, formatShape } from './constraints.ts'
import { ensure } from './operator.ts'

/** Dimensions that a kernel loops over at most. */
export const KERNEL_DIMENSIONS = 6

/**
 * How two operands meet: the result's shape, and how many elements each operand moves per step of a dimension, 0
 * where it is repeated. Dimensions that both operands walk in one run are merged, so the last one is long.
 */
export interface Broadcast {
  readonly shape: readonly number[]
  readonly aStrides: readonly number[]
  readonly bStrides: readonly number[]
}

/** Size of dimension `fromEnd` (1 is the last); dimensions that a shape lacks count as 1. */
function sizeFromEnd(shape: readonly number[], fromEnd: number): number {
  return fromEnd > shape.length ? 1 : shape[shape.length - fromEnd]!
}

/** The shape that two shapes broadcast to by NumPy's rule. @throws OperatorMismatch */
function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i, rank = Math.max(a.length, b.length)) => {
    const [x, y] = [sizeFromEnd(a, rank - i), sizeFromEnd(b, rank - i)]
    ensure(
      x === y || x === 1 || y === 1,
      `its inputs of shape ${formatShape(a)} and ${formatShape(b)} do not broadcast`,
    )
    return Math.max(x, y)
  })
}

/** Holds the output's shape to the inputs'. @throws OperatorMismatch */
export function checkBroadcast(a: Tensor, b: Tensor, output: Tensor): void {
  ensureShape(output, broadcastShape(a.shape, b.shape), 'output')
  const dimensions = broadcastOf(a.shape, b.shape).shape.length
  ensure(
    dimensions <= KERNEL_DIMENSIONS,
    `its inputs alternate over ${dimensions} dimensions, more than ${KERNEL_DIMENSIONS}`,
  )
}

/** The loops over two operands whose shapes broadcast. */
export function broadcastOf(a: readonly number[], b: readonly number[]): Broadcast {
  const shape: number[] = []
  const aStrides: number[] = []
  const bStrides: number[] = []
  let [aSize, bSize] = [1, 1]
  for (let fromEnd = 1; fromEnd <= Math.max(a.length, b.length); fromEnd++) {
    const [x, y] = [sizeFromEnd(a, fromEnd), sizeFromEnd(b, fromEnd)]
    const size = Math.max(x, y)
    if (size === 1) continue
    const [aStride, bStride] = [x === 1 ? 0 : aSize, y === 1 ? 0 : bSize]
    // A dimension continues the inner one when both operands repeat, or both go on where it ended.
    const merges = shape.length > 0 && aStride === aStrides[0]! * shape[0]! && bStride === bStrides[0]! * shape[0]!
    if (merges) shape[0] = shape[0]! * size
    else {
      shape.unshift(size)
      aStrides.unshift(aStride)
      bStrides.unshift(bStride)
    }
    aSize *= x
    bSize *= y
  }
  return shape.length === 0 ? { shape: [1], aStrides: [1], bStrides: [1] } : { shape, aStrides, bStrides }
}

/** What to do with `count` results in a row: operands start at `a` and `b` and move by their strides. */
export type BroadcastRun = (to: number, a: number, aStride: number, b: number, bStride: number, count: number) => void

/** Calls `run` for every run of the last dimension, in the order of the output. */
export function forEachRun({ shape, aStrides, bStrides }: Broadcast, run: BroadcastRun): void {
  const last = shape.length - 1
  const count = shape[last]!
  const runs = shape.slice(0, last).reduce((product, size) => product * size, 1)
  for (let index = 0; index < runs; index++) {
    let [rest, a, b] = [index, 0, 0]
    for (let dimension = last - 1; dimension >= 0; dimension--) {
      const at = rest % shape[dimension]!
      rest = Math.floor(rest / shape[dimension]!)
      a += at * aStrides[dimension]!
      b += at * bStrides[dimension]!
    }
    run(index * count, a, aStrides[last]!, b, bStrides[last]!, count)
  }
}
