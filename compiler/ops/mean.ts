import { ReducerOptions } from '../import/tflite/schema.generated.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { ensureInt8, ensureShape, resolveAxis } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { type OutputRange, outputRange, quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'

/**
 * Parameters of mean_s8: input [outer][reduced][middle][alsoReduced][inner], output [outer][middle][inner].
 * `scale` includes the division by the number of elements.
 */
export interface MeanParameters extends Blocks {
  readonly inputZeroPoint: number
  readonly scale: Rescale
  readonly range: OutputRange
}

interface Blocks {
  readonly outer: number
  readonly reduced: number
  readonly middle: number
  readonly alsoReduced: number
  readonly inner: number
}

/** Neighbouring dimensions of one fate joined into the five blocks of the kernel; undefined if there are more. */
function blocksOf(shape: readonly number[], axes: readonly number[]): Blocks | undefined {
  const blocks = [1, 1, 1, 1, 1]
  let block = 0
  for (const [dimension, size] of shape.entries()) {
    if (size === 1) continue
    const reduced = axes.includes(dimension)
    if (reduced !== (block % 2 === 1)) block++
    if (block >= blocks.length) return undefined
    blocks[block] = blocks[block]! * size
  }
  const [outer, reduced, middle, alsoReduced, inner] = blocks as [number, number, number, number, number]
  return { outer, reduced, middle, alsoReduced, inner }
}

/** TFLite's way to put 1/count into a factor without losing bits of its multiplier. */
function divideBy(count: number, { multiplier, shift }: Rescale): Rescale {
  const room = Math.min(31 - Math.clz32(count), 32, 31 + shift)
  return { multiplier: Number((BigInt(multiplier) << BigInt(room)) / BigInt(count)), shift: shift - room }
}

/** Mean over any set of dimensions. */
export const mean: OperatorDefinition<'mean', MeanParameters, readonly [Int8Array], readonly [Int8Array]> = {
  kind: 'mean',
  inputs: [1, 1],
  outputs: [1, 1],

  tflite: {
    MEAN(node) {
      const rank = node.input(0, 'input').shape.length
      const axes = new Set(node.integers(1, 'axes').map((axis) => resolveAxis(axis, rank)))
      const keepDims = node.options(ReducerOptions).keepDims()
      return { attributes: { axes: [...axes].sort((a, b) => a - b), keepDims }, inputs: [0] }
    },
  },

  check({ attributes: { axes, keepDims }, inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    const kept = input.shape.map((size, dimension) => (axes.includes(dimension) ? 1 : size))
    ensureShape(output, keepDims ? kept : input.shape.filter((_, dimension) => !axes.includes(dimension)), 'output')
    ensure(
      blocksOf(input.shape, axes) !== undefined,
      `its axes ${axes.join(', ')} are more than two groups of neighbours`,
    )
  },

  parameters({ attributes: { axes }, inputs: [input], outputs: [output] }) {
    const blocks = blocksOf(input.shape, axes)!
    const factor = quantizeMultiplier(scaleOf(input).scale / scaleOf(output).scale)
    return {
      ...blocks,
      inputZeroPoint: scaleOf(input).zeroPoint,
      scale: divideBy(blocks.reduced * blocks.alsoReduced, factor),
      range: outputRange(output, 'none'),
    }
  },

  evaluate(p, [input], [out]) {
    const count = p.reduced * p.alsoReduced
    const { zeroPoint, min, max } = p.range
    for (let index = 0; index < out.length; index++) {
      const inner = index % p.inner
      const middle = Math.floor(index / p.inner) % p.middle
      const outer = Math.floor(index / (p.inner * p.middle))
      let sum = 0
      for (let r = 0; r < p.reduced; r++) {
        let from = ((outer * p.reduced + r) * p.middle + middle) * p.alsoReduced * p.inner + inner
        for (let s = 0; s < p.alsoReduced; s++, from += p.inner) sum += input[from]!
      }
      const scaled = multiplyByQuantizedMultiplier(sum - p.inputZeroPoint * count, p.scale.multiplier, p.scale.shift)
      out[index] = Math.min(max, Math.max(min, scaled + zeroPoint))
    }
  },
}
