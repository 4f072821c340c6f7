import { FullyConnectedOptions } from '../import/tflite/schema.generated.ts'
import { elementCount, type Tensor } from '../ir/graph.ts'
import { ensureInt8, ensureRank } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { type OutputRange, outputRange, quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'
import { activationOf } from './tflite-options.ts'
import {
  channelMajor,
  checkWeights,
  type OutputChannels,
  outputChannels,
  requantise,
  rescalePerScale,
} from './weights.ts'

type Inputs = readonly [input: Int8Array, weights: Int8Array, bias?: Int32Array]

/** Parameters of fully_connected_s8: input [rows][inputSize], output [rows][outputSize]. */
export interface FullyConnectedParameters {
  readonly rows: number
  readonly inputSize: number
  readonly outputSize: number
  readonly inputZeroPoint: number
  readonly range: OutputRange
  readonly channels: OutputChannels
}

/** One factor for all: TFLite multiplies the two scales in float32 here, and only here. */
function rescaleOfWhole(input: Tensor, weights: Tensor, output: Tensor): Rescale {
  const product = Math.fround(scaleOf(input).scale * scaleOf(weights).scale)
  return quantizeMultiplier(product / scaleOf(output).scale)
}

/** Matrix product with constant weights: every row of the input gives a row of the output. */
export const fullyConnected: OperatorDefinition<
  'fullyConnected',
  FullyConnectedParameters,
  Inputs,
  readonly [Int8Array]
> = {
  kind: 'fullyConnected',
  inputs: [2, 3],
  outputs: [1, 1],

  tflite: {
    FULLY_CONNECTED(node) {
      const options = node.options(FullyConnectedOptions)
      ensure(options.weightsFormat() === 0, 'its weights are shuffled')
      return { attributes: { activation: activationOf(options.fusedActivationFunction()) } }
    },
  },

  check({ inputs: [input, weights, bias], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    ensureRank(weights, 2, 'weights')
    checkWeights(weights, bias, 0)
    const [outputSize, inputSize] = weights.shape as [number, number]
    const elements = elementCount(input.shape)
    ensure(elements % inputSize === 0, `its input has ${elements} elements, no multiple of ${inputSize}`)
    const rows = elements / inputSize
    const matches = output.shape.at(-1) === outputSize && elementCount(output.shape) === rows * outputSize
    ensure(matches, `its output is not ${rows} rows of ${outputSize}`)
  },

  parameters({ attributes, inputs: [input, weights, bias], outputs: [output] }) {
    const [outputSize, inputSize] = weights.shape as [number, number]
    const whole = weights.quantisation!.scales.length === 1
    const rescales = whole ? [rescaleOfWhole(input, weights, output)] : rescalePerScale(input, weights, output)
    return {
      rows: elementCount(input.shape) / inputSize,
      inputSize,
      outputSize,
      inputZeroPoint: scaleOf(input).zeroPoint,
      range: outputRange(output, attributes.activation),
      channels: outputChannels(channelMajor(weights, bias), input, rescales),
    }
  },

  evaluate(p, [input, weights, bias], [out]) {
    const sums = new Int32Array(p.outputSize)
    for (let row = 0; row < p.rows; row++) {
      const from = row * p.inputSize
      for (let channel = 0; channel < p.outputSize; channel++) {
        let sum = bias === undefined ? 0 : bias[channel]!
        const weight = channel * p.inputSize
        for (let i = 0; i < p.inputSize; i++)
          sum = (sum + weights[weight + i]! * (input[from + i]! - p.inputZeroPoint)) | 0
        sums[channel] = sum
      }
      requantise(sums, p, out, row * p.outputSize)
    }
  },

  macs: ({ inputs: [, weights], outputs: [output] }) => elementCount(output.shape) * weights.shape[1]!,
}
