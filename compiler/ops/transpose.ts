import { ensureInt8, ensureSameQuantisation, ensureShape, resolveAxis } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { copyStrided, ensureLoops, type StridedCopy, simplify, stridesOf } from './strided-copy.ts'

/** The same elements with their dimensions in another order. */
export const transpose: OperatorDefinition<'transpose', StridedCopy, readonly [Int8Array], readonly [Int8Array]> = {
  kind: 'transpose',
  inputs: [1, 1],
  outputs: [1, 1],

  tflite: {
    TRANSPOSE(node) {
      const rank = node.input(0, 'input').shape.length
      return {
        attributes: { permutation: node.integers(1, 'permutation').map((axis) => resolveAxis(axis, rank)) },
        inputs: [0],
      }
    },
  },

  check({ attributes: { permutation }, inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureSameQuantisation(input, output, 'input and output')
    const all = permutation.length === input.shape.length && new Set(permutation).size === permutation.length
    ensure(all, `its permutation ${permutation.join(', ')} is not one of ${input.shape.length} dimensions`)
    ensureShape(
      output,
      permutation.map((dimension) => input.shape[dimension]!),
      'output',
    )
  },

  parameters({ attributes: { permutation }, inputs: [input], outputs: [output] }) {
    const strides = stridesOf(input.shape)
    const inputStrides = permutation.map((dimension) => strides[dimension]!)
    const { shape } = output
    return ensureLoops(
      simplify({ shape, inputStrides, outputStrides: stridesOf(shape), inputOffset: 0, outputOffset: 0 }),
    )
  },

  evaluate: (p, [input], [out]) => copyStrided(p, input, out),
}
