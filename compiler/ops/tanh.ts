import { tanh as curve } from '../reference/fixed-point.ts'
import { ensureInt8 } from './constraints.ts'
import { lookup } from './lookup.ts'
import { ensureFixedOutput, sigmoidal } from './sigmoidal.ts'

/** Hyperbolic tangent. */
export const tanh = lookup({
  kind: 'tanh',
  tflite: { TANH: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureFixedOutput(output, 128, 0)
  },
  value: ({ inputs: [input], outputs: [output] }) => sigmoidal(input, output, curve, 7),
})
