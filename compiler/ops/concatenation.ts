import { ConcatenationOptions, PackOptions } from '../import/tflite/schema.generated.ts'
import { resolveAxis } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { checkParts, type Parts, partsOf } from './parts.ts'
import { activationOf } from './tflite-options.ts'

/** Tensors of one quantisation joined along a dimension, or stacked along a new one. Kernel: concatenation_s8. */
export const concatenation: OperatorDefinition<'concatenation', Parts, readonly Int8Array[], readonly [Int8Array]> = {
  kind: 'concatenation',
  inputs: [1, 64],
  outputs: [1, 1],

  tflite: {
    CONCATENATION(node) {
      const options = node.options(ConcatenationOptions)
      ensure(activationOf(options.fusedActivationFunction()) === 'none', 'its fused activation is not supported')
      return { attributes: { axis: resolveAxis(options.axis(), node.output(0, 'output').shape.length) } }
    },
    PACK: (node) => ({
      attributes: { axis: resolveAxis(node.options(PackOptions).axis(), node.output(0, 'output').shape.length) },
    }),
  },

  check: ({ attributes: { axis }, inputs, outputs: [output] }) => checkParts(output, inputs, axis, ['output', 'input']),
  parameters: ({ attributes: { axis }, inputs, outputs: [output] }) => partsOf(output, inputs, axis),

  evaluate({ outer, sizes }, inputs, [out]) {
    let written = 0
    for (let row = 0; row < outer; row++) {
      for (const [i, size] of sizes.entries()) {
        out.set(inputs[i]!.subarray(row * size, (row + 1) * size), written)
        written += size
      }
    }
  },
}
