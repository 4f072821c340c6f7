import { ensureInt8, ensureSameQuantisation } from './constraints.ts'
import { lookup } from './lookup.ts'
import { outputRange } from './quantisation.ts'

/** min(6, max(0, x)); TFLite Micro's kernel clamps without rescaling, so input and output share their quantisation. */
export const relu6 = lookup({
  kind: 'relu6',
  tflite: { RELU6: () => ({ attributes: {} }) },
  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureSameQuantisation(input, output, 'input and output')
  },
  value({ outputs: [output] }) {
    const { min, max } = outputRange(output, 'relu6')
    return (q) => Math.min(max, Math.max(min, q))
  },
})
