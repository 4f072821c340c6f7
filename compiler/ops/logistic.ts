import { logistic as curve } from '../reference/fixed-point.ts'
import { ensureInt8 } from './constraints.ts'
import { lookup } from './lookup.ts'
import { ensureFixedOutput, sigmoidal } from './sigmoidal.ts'

/** 1 / (1 + exp(-x)) */
export const logistic = lookup({
  kind: 'logistic',
  tflite: { LOGISTIC: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureFixedOutput(output, 256, -128)
  },
  value: ({ inputs: [input], outputs: [output] }) => sigmoidal(input, output, curve, 8),
})
