import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { ensureInt8 } from './constraints.ts'
import { lookup } from './lookup.ts'
import { outputRange, quantizeMultiplier, scaleOf } from './quantisation.ts'

/** max(0, x), rescaled to the output. */
export const relu = lookup({
  kind: 'relu',
  tflite: { RELU: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
  },
  value({ inputs: [input], outputs: [output] }) {
    const from = scaleOf(input)
    const { multiplier, shift } = quantizeMultiplier(Math.fround(from.scale / scaleOf(output).scale))
    const { zeroPoint, min, max } = outputRange(output, 'relu')
    return (q) => {
      const value = multiplyByQuantizedMultiplier(q - from.zeroPoint, multiplier, shift) + zeroPoint
      return Math.min(max, Math.max(min, value))
    }
  },
})
