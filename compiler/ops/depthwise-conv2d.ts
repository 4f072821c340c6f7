import { DepthwiseConv2DOptions } from '../import/tflite/schema.generated.ts'
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
import { channelMinor, checkWeights, outputChannels, rescalePerScale } from './weights.ts'

type Definition = OperatorDefinition<'depthwiseConv2d', ConvolutionParameters, ConvolutionInputs, readonly [Int8Array]>

/** Depthwise 2-D convolution: output channel c sees only input channel floor(c / (outChannels / inChannels)). */
export const depthwiseConv2d: Definition = {
  kind: 'depthwiseConv2d',
  inputs: [2, 3],
  outputs: [1, 1],
  tflite: { DEPTHWISE_CONV_2D: (node) => importConvolution(node, node.options(DepthwiseConv2DOptions)) },

  check(op) {
    checkConvolution(op, 3)
    const [input, weights, bias] = op.inputs
    checkWeights(weights, bias, 3)
    const [first, , , outChannels] = weights.shape as [number, number, number, number]
    const inChannels = input.shape[3]!
    ensure(first === 1, `its weights have ${first} as first dimension, not 1`)
    ensure(outChannels % inChannels === 0, `its ${outChannels} outputs are no multiple of its ${inChannels} inputs`)
  },

  parameters(op) {
    const [input, weights, bias] = op.inputs
    const rescales = rescalePerScale(input, weights, op.outputs[0])
    return convolutionParameters(op, input.shape[3]!, outputChannels(channelMinor(weights, bias), input, rescales))
  },

  evaluate: (p, inputs, [out]) => convolve(p, inputs, out, sumPixel),

  macs: ({ inputs: [, weights], outputs: [output] }) =>
    elementCount(output.shape) * weights.shape[1]! * weights.shape[2]!,
}

function sumPixel(p: ConvolutionParameters, [input, weights, bias]: ConvolutionInputs, at: Origin, sums: Int32Array) {
  const { height, width, channels } = p.input
  const multiplier = sums.length / channels
  if (bias === undefined) sums.fill(0)
  else sums.set(bias)
  for (let ky = 0; ky < p.kernel.height; ky++) {
    const row = at.row + ky * p.dilation.height
    if (row < 0 || row >= height) continue
    for (let kx = 0; kx < p.kernel.width; kx++) {
      const column = at.column + kx * p.dilation.width
      if (column < 0 || column >= width) continue
      const from = ((at.batch * height + row) * width + column) * channels
      const tap = (ky * p.kernel.width + kx) * sums.length
      for (let channel = 0, to = 0; channel < channels; channel++) {
        const value = input[from + channel]! - p.inputZeroPoint
        for (let m = 0; m < multiplier; m++, to++) sums[to] = sums[to]! + weights[tap + to]! * value
      }
    }
  }
}
