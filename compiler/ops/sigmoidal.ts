import type { Tensor } from '../ir/graph.ts'
import { multiplyByQuantizedMultiplier, roundingDivideByPot } from '../reference/fixed-point.ts'
import { ensure } from './operator.ts'
import { quantizeMultiplier, scaleOf } from './quantisation.ts'

/** Integer bits of the argument. */
const ARGUMENT_BITS = 4

/**
 * LOGISTIC and TANH of int8: the argument is taken to Q4.27, the function computed in Q0.31 and its upper bits kept.
 * Arguments that do not fit Q4 give the smallest and the largest result.
 * @param curve the function, from Q(integerBits) to Q0
 * @param outputBits fractional bits of the result
 */
export function sigmoidal(
  input: Tensor,
  output: Tensor,
  curve: (a: number, integerBits: number) => number,
  outputBits: number,
): (q: number) => number {
  const { scale, zeroPoint } = scaleOf(input)
  const { multiplier, shift } = quantizeMultiplier(scale * 2 ** (31 - ARGUMENT_BITS))
  ensure(shift >= 0, `its input scale of ${scale} is too small`)
  const radius = Math.floor((((1 << ARGUMENT_BITS) - 1) * 2 ** (31 - ARGUMENT_BITS)) / 2 ** shift)
  const outputZeroPoint = scaleOf(output).zeroPoint
  return (q) => {
    const x = q - zeroPoint
    if (x <= -radius) return -128
    if (x >= radius) return 127
    const value = curve(multiplyByQuantizedMultiplier(x, multiplier, shift), ARGUMENT_BITS)
    return Math.min(127, Math.max(-128, roundingDivideByPot(value, 31 - outputBits) + outputZeroPoint))
  }
}

/** The result's range is fixed, and so are its scale and zero point. @throws OperatorMismatch */
export function ensureFixedOutput(output: Tensor, steps: number, zeroPoint: number): void {
  const actual = scaleOf(output)
  const fixed = actual.scale === 1 / steps && actual.zeroPoint === zeroPoint
  ensure(fixed, `its output is not of scale 1/${steps} and zero point ${zeroPoint}`)
}
