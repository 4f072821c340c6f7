import { SubOptions } from '../import/tflite/schema.generated.ts'
import type { OperatorDefinition } from './operator.ts'
import { type BinaryInputs, checkSum, evaluateSum, type SumParameters, sumParameters } from './sum.ts'
import { activationOf } from './tflite-options.ts'

/** Element-wise difference with broadcasting, each operand rescaled. */
export const sub: OperatorDefinition<'sub', SumParameters, BinaryInputs, readonly [Int8Array]> = {
  kind: 'sub',
  inputs: [2, 2],
  outputs: [1, 1],
  tflite: {
    SUB: (node) => ({ attributes: { activation: activationOf(node.options(SubOptions).fusedActivationFunction()) } }),
  },
  check: checkSum,
  parameters: (op) => sumParameters(op, Math.fround),
  evaluate: (p, inputs, [out]) => evaluateSum(p, inputs, out, -1),
}
