import { SoftmaxOptions } from '../import/tflite/schema.generated.ts'
import { elementCount } from '../ir/graph.ts'
import {
  expOnNegativeValues,
  multiplyByQuantizedMultiplier,
  oneOverOnePlus,
  roundingDivideByPot,
  saturatingRoundingDoublingHighMul,
} from '../reference/fixed-point.ts'
import { ensureInt8, ensureShape } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'

/** Parameters of softmax_s8: input and output [rows][size]. */
export interface SoftmaxParameters {
  readonly rows: number
  readonly size: number
  /** Takes a difference of inputs to Q5.26; it shifts to the left. */
  readonly scale: Rescale
  /** Differences to the largest element below this one count as zero. */
  readonly diffMin: number
}

/** Integer bits of the differences and of the sum of exponentials. */
const DIFFERENCE_BITS = 5
const SUM_BITS = 12

/** Softmax over the last dimension, in 32-bit fixed point throughout; the output has scale 1/256, zero point -128. */
export const softmax: OperatorDefinition<'softmax', SoftmaxParameters, readonly [Int8Array], readonly [Int8Array]> = {
  kind: 'softmax',
  inputs: [1, 1],
  outputs: [1, 1],
  tflite: { SOFTMAX: (node) => ({ attributes: { beta: node.options(SoftmaxOptions).beta() } }) },

  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensure(input.shape.length > 0, 'its input is a scalar')
    ensureShape(output, input.shape, 'output')
    const size = input.shape.at(-1)!
    ensure(
      size < 2 ** SUM_BITS,
      `its ${size} elements are more than its fixed-point sum can hold (${2 ** SUM_BITS - 1})`,
    )
    const { scale, zeroPoint } = scaleOf(output)
    ensure(scale === 1 / 256 && zeroPoint === -128, 'its output is not of scale 1/256 and zero point -128')
  },

  parameters({ attributes: { beta }, inputs: [input] }) {
    const factor = Math.min(beta * scaleOf(input).scale * 2 ** (31 - DIFFERENCE_BITS), 2 ** 31 - 1)
    ensure(factor > 1, `its beta of ${beta} and input scale of ${scaleOf(input).scale} are too small`)
    const scale = quantizeMultiplier(factor)
    const largest = ((1 << DIFFERENCE_BITS) - 1) * 2 ** (31 - DIFFERENCE_BITS)
    const diffMin = -Math.floor(largest / 2 ** scale.shift)
    const size = input.shape.at(-1)!
    return { rows: elementCount(input.shape) / size, size, scale, diffMin }
  },

  evaluate(p, [input], [out]) {
    for (let row = 0; row < p.rows; row++) {
      const from = row * p.size
      softmaxRow(p, input.subarray(from, from + p.size), out.subarray(from, from + p.size))
    }
  },
}

function softmaxRow(p: SoftmaxParameters, input: Int8Array, out: Int8Array): void {
  const largest = input.reduce((a, b) => Math.max(a, b), -128)
  const exponentials = new Int32Array(p.size)
  let sum = 0
  for (let i = 0; i < p.size; i++) {
    const difference = input[i]! - largest
    if (difference < p.diffMin) continue
    const scaled = multiplyByQuantizedMultiplier(difference, p.scale.multiplier, p.scale.shift)
    exponentials[i] = expOnNegativeValues(scaled, DIFFERENCE_BITS)
    sum += roundingDivideByPot(exponentials[i]!, SUM_BITS)
  }
  // The sum is 2^n * (1 + fraction); its reciprocal is found for the fraction, 2^n goes into the last shift.
  const headroom = Math.clz32(sum)
  const reciprocal = oneOverOnePlus(sum * 2 ** headroom - 2 ** 31)
  const exponent = SUM_BITS - headroom + 31 - 8
  for (let i = 0; i < p.size; i++) {
    const quotient = roundingDivideByPot(saturatingRoundingDoublingHighMul(reciprocal, exponentials[i]!), exponent)
    out[i] = Math.min(127, quotient - 128)
  }
}
