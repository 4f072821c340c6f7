import type { TfliteImport, TfliteNode } from '../import/tflite/node.ts'
import { UnpackOptions } from '../import/tflite/schema.generated.ts'
import { resolveAxis } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { checkParts, type Parts, partsOf } from './parts.ts'

/** SPLIT and SPLIT_V: the sizes of the parts are those of the outputs. */
function importSplit(node: TfliteNode, value: number, axis: number): TfliteImport<'split'> {
  const axes = node.integers(axis, 'axis')
  ensure(axes.length === 1, `its axis is ${axes.length} numbers`)
  return { attributes: { axis: resolveAxis(axes[0]!, node.input(value, 'input').shape.length) }, inputs: [value] }
}

/** A tensor cut along a dimension, or taken apart into slices without it. */
export const split: OperatorDefinition<'split', Parts, readonly [Int8Array], readonly Int8Array[]> = {
  kind: 'split',
  inputs: [1, 1],
  outputs: [1, 64],

  tflite: {
    SPLIT: (node) => importSplit(node, 1, 0),
    SPLIT_V: (node) => importSplit(node, 0, 2),
    UNPACK: (node) => ({
      attributes: { axis: resolveAxis(node.options(UnpackOptions).axis(), node.input(0, 'input').shape.length) },
    }),
  },

  check: ({ attributes: { axis }, inputs: [input], outputs }) => checkParts(input, outputs, axis, ['input', 'output']),
  parameters: ({ attributes: { axis }, inputs: [input], outputs }) => partsOf(input, outputs, axis),

  evaluate({ outer, sizes }, [input], outputs) {
    let read = 0
    for (let row = 0; row < outer; row++) {
      for (const [i, size] of sizes.entries()) {
        outputs[i]!.set(input.subarray(read, read + size), row * size)
        read += size
      }
    }
  },
}
