import { Conv2DOptions } from '../import/tflite/schema.generated.ts'
import { elementCount } from '../ir/graph.ts'
import {
  type ConvolutionInputs,
  type ConvolutionParameters,
  checkConvolution,
  convolutionParameters,
  convolve,
  importConvolution,
  type Origin,
} from './convolution.ts'
import { ensure, type OperatorDefinition } from './operator.ts'
import { channelMajor, checkWeights, outputChannels, rescalePerScale } from './weights.ts'

/** 2-D convolution, grouped when the weights have fewer input channels than the input. */
export const conv2d: OperatorDefinition<'conv2d', ConvolutionParameters, ConvolutionInputs, readonly [Int8Array]> = {
  kind: 'conv2d',
  inputs: [2, 3],
  outputs: [1, 1],
  tflite: { CONV_2D: (node) => importConvolution(node, node.options(Conv2DOptions)) },

  check(op) {
    checkConvolution(op, 0)
    const [input, weights, bias] = op.inputs
    checkWeights(weights, bias, 0)
    const [inChannels, groupChannels, outChannels] = [input.shape[3]!, weights.shape[3]!, weights.shape[0]!]
    ensure(
      inChannels % groupChannels === 0 && outChannels % (inChannels / groupChannels) === 0,
      `its ${inChannels} input and ${outChannels} output channels do not divide into groups of ${groupChannels} inputs`,
    )
  },

  parameters(op) {
    const [input, weights, bias] = op.inputs
    const rescales = rescalePerScale(input, weights, op.outputs[0])
    const channels = outputChannels(channelMajor(weights, bias), input, rescales)
    return convolutionParameters(op, input.shape[3]! / weights.shape[3]!, channels)
  },

  evaluate: (p, inputs, [out]) => convolve(p, inputs, out, sumPixel),

  macs: ({ inputs: [, weights], outputs: [output] }) =>
    (elementCount(output.shape) * elementCount(weights.shape)) / weights.shape[0]!,
}

function sumPixel(p: ConvolutionParameters, [input, weights, bias]: ConvolutionInputs, at: Origin, sums: Int32Array) {
  const { height, width, channels } = p.input
  const depth = channels / p.groups
  const perGroup = sums.length / p.groups
  const zeroPoint = p.inputZeroPoint
  for (let channel = 0; channel < sums.length; channel++) {
    const group = Math.floor(channel / perGroup) * depth
    let sum = bias === undefined ? 0 : bias[channel]!
    for (let ky = 0; ky < p.kernel.height; ky++) {
      const row = at.row + ky * p.dilation.height
      if (row < 0 || row >= height) continue
      for (let kx = 0; kx < p.kernel.width; kx++) {
        const column = at.column + kx * p.dilation.width
        if (column < 0 || column >= width) continue
        const from = ((at.batch * height + row) * width + column) * channels + group
        const tap = ((channel * p.kernel.height + ky) * p.kernel.width + kx) * depth
        for (let i = 0; i < depth; i++) sum = (sum + weights[tap + i]! * (input[from + i]! - zeroPoint)) | 0
      }
    }
    sums[channel] = sum
  }
}
