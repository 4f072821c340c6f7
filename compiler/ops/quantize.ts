import type { Tensor } from '../ir/graph.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { ensureWholeScale } from './constraints.ts'
import { lookup } from './lookup.ts'
import { ensure } from './operator.ts'
import { outputRange, quantizeMultiplier, scaleOf } from './quantisation.ts'

function checkByte(tensor: Tensor, role: string): void {
  ensure(tensor.dtype === 'int8' || tensor.dtype === 'uint8', `its ${role} is ${tensor.dtype}, not int8 or uint8`)
  ensureWholeScale(tensor, role)
}

/** The same real values in another quantisation; between int8 and uint8 at a model's borders. */
export const quantize = lookup({
  kind: 'quantize',
  tflite: { QUANTIZE: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    checkByte(input, 'input')
    checkByte(output, 'output')
  },
  value({ inputs: [input], outputs: [output] }) {
    const from = scaleOf(input)
    const { multiplier, shift } = quantizeMultiplier(from.scale / scaleOf(output).scale)
    const { zeroPoint, min, max } = outputRange(output, 'none')
    return (q) => {
      const value = multiplyByQuantizedMultiplier(q - from.zeroPoint, multiplier, shift) + zeroPoint
      return Math.min(max, Math.max(min, value))
    }
  },
})
