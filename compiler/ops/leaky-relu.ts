import { LeakyReluOptions } from '../import/tflite/schema.generated.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { ensureInt8 } from './constraints.ts'
import { lookup } from './lookup.ts'
import { outputRange, quantizeMultiplier, scaleOf } from './quantisation.ts'

/** x for x >= 0, alpha * x below; both factors are float32 quotients in TFLite. */
export const leakyRelu = lookup({
  kind: 'leakyRelu',
  tflite: { LEAKY_RELU: (node) => ({ attributes: { alpha: node.options(LeakyReluOptions).alpha() } }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
  },
  value({ attributes: { alpha }, inputs: [input], outputs: [output] }) {
    const from = scaleOf(input)
    const toScale = scaleOf(output).scale
    const identity = quantizeMultiplier(Math.fround(from.scale / toScale))
    const slope = quantizeMultiplier(Math.fround(Math.fround(from.scale * alpha) / toScale))
    const { zeroPoint, min, max } = outputRange(output, 'none')
    return (q) => {
      const x = q - from.zeroPoint
      const scaled =
        x >= 0
          ? multiplyByQuantizedMultiplier(x, identity.multiplier, identity.shift)
          : Math.sign(slope.multiplier) * multiplyByQuantizedMultiplier(x, Math.abs(slope.multiplier), slope.shift)
      return Math.min(max, Math.max(min, scaled + zeroPoint))
    }
  },
})
