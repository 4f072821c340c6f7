import type { TfliteNode } from '../import/tflite/node.ts'
import { elementCount, type Tensor } from '../ir/graph.ts'
import type { OperatorAttributes } from '../ir/operators.ts'
import { ensureInt8, ensureSameQuantisation, ensureShape } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { scaleOf } from './quantisation.ts'
import { copyStrided, ensureLoops, type StridedCopy, simplify, stridesOf } from './strided-copy.ts'

/** Parameters of pad_s8: fill `outputSize` elements with `value`, then copy the input to its place. */
export interface PadParameters {
  readonly copy: StridedCopy
  readonly outputSize: number
  readonly value: number
}

function importPad(node: TfliteNode, value: number): { attributes: OperatorAttributes['pad']; inputs: number[] } {
  const rank = node.input(0, 'input').shape.length
  const pairs = node.integers(1, 'paddings')
  ensure(pairs.length === 2 * rank, `its paddings are ${pairs.length} numbers, not two for each of ${rank} dimensions`)
  const side = (which: number) => Array.from({ length: rank }, (_, i) => pairs[2 * i + which]!)
  return { attributes: { before: side(0), after: side(1), value }, inputs: [0] }
}

/** The integer that a constant scalar holds; it must mean the same in the output's quantisation. */
function padValue(constant: Tensor, output: Tensor): number {
  ensure(constant.data !== undefined && constant.data.length === 1, 'its pad value is no constant scalar')
  ensureInt8(constant, 'pad value')
  ensureSameQuantisation(constant, output, 'pad value and output')
  return Number(constant.data[0])
}

/** Surrounds a tensor with one value. */
export const pad: OperatorDefinition<'pad', PadParameters, readonly [Int8Array], readonly [Int8Array]> = {
  kind: 'pad',
  inputs: [1, 1],
  outputs: [1, 1],

  tflite: {
    PAD: (node) => importPad(node, scaleOf(node.output(0, 'output')).zeroPoint),
    PADV2: (node) => importPad(node, padValue(node.input(2, 'pad value'), node.output(0, 'output'))),
  },

  check({ attributes: { before, after }, inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureSameQuantisation(input, output, 'input and output')
    ensure(
      [...before, ...after].every((count) => count >= 0),
      'its paddings are negative',
    )
    ensureShape(
      output,
      input.shape.map((size, i) => before[i]! + size + after[i]!),
      'output',
    )
  },

  parameters({ attributes: { before, value }, inputs: [input], outputs: [output] }) {
    const outputStrides = stridesOf(output.shape)
    const outputOffset = before.reduce((sum, count, i) => sum + count * outputStrides[i]!, 0)
    const box = {
      shape: input.shape,
      inputStrides: stridesOf(input.shape),
      outputStrides,
      inputOffset: 0,
      outputOffset,
    }
    return { copy: ensureLoops(simplify(box)), outputSize: elementCount(output.shape), value }
  },

  evaluate(p, [input], [out]) {
    out.fill(p.value)
    copyStrided(p.copy, input, out)
  },
}
