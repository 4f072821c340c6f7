import { roundingDivideByPot } from '../reference/fixed-point.ts'
import { ensureInt8 } from './constraints.ts'
import { lookup } from './lookup.ts'
import { ensure } from './operator.ts'
import { outputRange, quantizeMultiplier, scaleOf } from './quantisation.ts'

const toInt16 = (x: number) => Math.min(0x7fff, Math.max(-0x8000, x))

/** a * b / 2^15 of two int16, rounded to nearest with halves up. */
const roundingHighMul = (a: number, b: number) => toInt16((a * b + 0x4000) >> 15)

/** a * b / 2^15 of two int16, rounded towards zero. */
const truncatingHighMul = (a: number, b: number) => toInt16(Math.trunc((a * b) / 0x8000))

/** The upper half of a Q31 multiplier. */
const upperHalf = (multiplier: number) => Math.min(0x7fff, Math.floor((multiplier + 0x8000) / 0x10000))

/** x * min(6, max(0, x + 3)) / 6 in TFLite's 16-bit fixed point. */
export const hardSwish = lookup({
  kind: 'hardSwish',
  tflite: { HARD_SWISH: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
  },
  value({ inputs: [input], outputs: [output] }) {
    const from = scaleOf(input)
    const fineScale = Math.fround(from.scale / 128)
    const toOutput = quantizeMultiplier(Math.fround(fineScale / scaleOf(output).scale))
    ensure(toOutput.shift <= 0, 'its input scale is more than 128 times its output scale')
    // 3.0 becomes 2^15: x / 3 in [-1, 1), which the shifts saturate.
    const toThirds = quantizeMultiplier(Math.fround(fineScale / Math.fround(3 / 32768)))
    ensure(Math.min(toOutput.shift, toThirds.shift) > -16, 'its scales are too far apart for 16-bit arithmetic')
    const { zeroPoint, min, max } = outputRange(output, 'none')
    return (q) => {
      const fine = (q - from.zeroPoint) * 128
      const unshifted = roundingHighMul(fine, upperHalf(toOutput.multiplier))
      const { shift } = toThirds
      const widened = shift > 0 ? toInt16(fine * 2 ** (shift - 1)) : fine
      const thirds = roundingHighMul(widened, upperHalf(toThirds.multiplier))
      const saturated = shift > 0 ? toInt16(thirds * 2) : roundingDivideByPot(thirds, -shift)
      const gate = (saturated + 0x8000) >> 1
      const value = roundingDivideByPot(truncatingHighMul(gate, unshifted), -toOutput.shift) + zeroPoint
      return Math.min(max, Math.max(min, value))
    }
  },
})
