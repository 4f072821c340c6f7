import { MulOptions } from '../import/tflite/schema.generated.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { type Broadcast, broadcastOf, checkBroadcast, forEachRun } from './broadcast.ts'
import { ensureInt8 } from './constraints.ts'
import type { OperatorDefinition } from './operator.ts'
import { type OutputRange, outputRange, quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'
import type { BinaryInputs } from './sum.ts'
import { activationOf } from './tflite-options.ts'

/** Parameters of mul_s8. */
export interface MulParameters {
  readonly broadcast: Broadcast
  readonly aZeroPoint: number
  readonly bZeroPoint: number
  readonly outputScale: Rescale
  readonly range: OutputRange
}

/** Element-wise product with broadcasting. */
export const mul: OperatorDefinition<'mul', MulParameters, BinaryInputs, readonly [Int8Array]> = {
  kind: 'mul',
  inputs: [2, 2],
  outputs: [1, 1],
  tflite: {
    MUL: (node) => ({ attributes: { activation: activationOf(node.options(MulOptions).fusedActivationFunction()) } }),
  },

  check({ inputs: [a, b], outputs: [output] }) {
    ensureInt8(a, 'first input')
    ensureInt8(b, 'second input')
    ensureInt8(output, 'output')
    checkBroadcast(a, b, output)
  },

  parameters: ({ attributes, inputs: [a, b], outputs: [output] }) => ({
    broadcast: broadcastOf(a.shape, b.shape),
    aZeroPoint: scaleOf(a).zeroPoint,
    bZeroPoint: scaleOf(b).zeroPoint,
    outputScale: quantizeMultiplier((scaleOf(a).scale * scaleOf(b).scale) / scaleOf(output).scale),
    range: outputRange(output, attributes.activation),
  }),

  evaluate(p, [a, b], [out]) {
    const { multiplier, shift } = p.outputScale
    const { zeroPoint, min, max } = p.range
    forEachRun(p.broadcast, (to, aFrom, aStride, bFrom, bStride, count) => {
      for (let i = 0; i < count; i++) {
        const product = (a[aFrom + i * aStride]! - p.aZeroPoint) * (b[bFrom + i * bStride]! - p.bZeroPoint)
        const value = multiplyByQuantizedMultiplier(product, multiplier, shift) + zeroPoint
        out[to + i] = Math.min(max, Math.max(min, value))
      }
    })
  },
}
