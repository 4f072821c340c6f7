import { AddOptions } from '../import/tflite/schema.generated.ts'
import type { OperatorDefinition } from './operator.ts'
import { type BinaryInputs, checkSum, evaluateSum, type SumParameters, sumParameters } from './sum.ts'
import { activationOf } from './tflite-options.ts'

/** Element-wise sum with broadcasting, each operand rescaled. */
export const add: OperatorDefinition<'add', SumParameters, BinaryInputs, readonly [Int8Array]> = {
  kind: 'add',
  inputs: [2, 2],
  outputs: [1, 1],
  tflite: {
    ADD: (node) => ({ attributes: { activation: activationOf(node.options(AddOptions).fusedActivationFunction()) } }),
  },
  check: checkSum,
  parameters: (op) => sumParameters(op, (quotient) => quotient),
  evaluate: (p, inputs, [out]) => evaluateSum(p, inputs, out, 1),
}
