import type { TfliteImport, TfliteNode } from '../import/tflite/node.ts'
import type { Tensor } from '../ir/graph.ts'
import type { ConvolutionAttributes, Size2d } from '../ir/operators.ts'
import { ensureInt8, ensureRank } from './constraints.ts'
import type { OperatorView } from './operator.ts'
import { type OutputRange, outputRange, scaleOf } from './quantisation.ts'
import { activationOf, explicitPadding } from './tflite-options.ts'
import { type OutputChannels, requantise } from './weights.ts'
import { checkWindow, type Image, imageOf } from './window.ts'

export type ConvolutionInputs = readonly [input: Int8Array, weights: Int8Array, bias?: Int32Array]
type Convolution = OperatorView<'conv2d' | 'depthwiseConv2d', ConvolutionInputs, readonly [Int8Array]>

/** Parameters of conv_s8 and depthwise_conv_s8. */
export interface ConvolutionParameters {
  readonly batches: number
  readonly input: Image
  readonly output: Image
  readonly kernel: Size2d
  readonly stride: Size2d
  readonly dilation: Size2d
  /** Rows above and columns to the left. */
  readonly padding: { readonly top: number; readonly left: number }
  readonly groups: number
  readonly inputZeroPoint: number
  readonly range: OutputRange
  readonly channels: OutputChannels
}

/** Height and width of weights [_, height, width, _]. */
function kernelOf(weights: Tensor): Size2d {
  return { height: weights.shape[1]!, width: weights.shape[2]! }
}

interface WindowOptions {
  padding(): number
  strideH(): number
  strideW(): number
  dilationHFactor(): number
  dilationWFactor(): number
  fusedActivationFunction(): number
}

/** The attributes of either convolution from its TFLite options. */
export function importConvolution(
  node: TfliteNode,
  options: WindowOptions,
): TfliteImport<'conv2d' | 'depthwiseConv2d'> & { readonly attributes: ConvolutionAttributes } {
  const input = node.input(0, 'input')
  const weights = node.input(1, 'weights')
  ensureRank(input, 4, 'input')
  ensureRank(weights, 4, 'weights')
  const stride = { height: options.strideH(), width: options.strideW() }
  const dilation = { height: options.dilationHFactor(), width: options.dilationWFactor() }
  const padding = explicitPadding(options.padding(), input, { size: kernelOf(weights), stride, dilation })
  return { attributes: { stride, dilation, padding, activation: activationOf(options.fusedActivationFunction()) } }
}

/** Types, dimensions and window of either convolution. @throws OperatorMismatch */
export function checkConvolution({ attributes, inputs, outputs }: Convolution, channelAxis: number): void {
  const [input, weights] = inputs
  const [output] = outputs
  ensureInt8(input, 'input')
  ensureInt8(output, 'output')
  ensureRank(input, 4, 'input')
  ensureRank(weights, 4, 'weights')
  ensureRank(output, 4, 'output')
  checkWindow(input, output, { ...attributes, size: kernelOf(weights) }, weights.shape[channelAxis]!)
}

/** Kernel parameters of either convolution. */
export function convolutionParameters(
  { attributes, inputs: [input, weights], outputs: [output] }: Convolution,
  groups: number,
  channels: OutputChannels,
): ConvolutionParameters {
  const { stride, dilation, padding, activation } = attributes
  return {
    batches: input.shape[0]!,
    input: imageOf(input),
    output: imageOf(output),
    kernel: kernelOf(weights),
    stride,
    dilation,
    padding: { top: padding.top, left: padding.left },
    groups,
    inputZeroPoint: scaleOf(input).zeroPoint,
    range: outputRange(output, activation),
    channels,
  }
}

/** The input pixel that the window's first tap falls on, which may lie outside of the image. */
export interface Origin {
  batch: number
  row: number
  column: number
}

/** Fills `sums` with bias + products, one sum per output channel; places outside of the image add nothing. */
export type SumPixel = (p: ConvolutionParameters, inputs: ConvolutionInputs, at: Origin, sums: Int32Array) => void

/** Sums and requantises every output pixel. */
export function convolve(
  p: ConvolutionParameters,
  inputs: ConvolutionInputs,
  out: Int8Array,
  sumPixel: SumPixel,
): void {
  const sums = new Int32Array(p.output.channels)
  const at: Origin = { batch: 0, row: 0, column: 0 }
  let written = 0
  for (; at.batch < p.batches; at.batch++) {
    for (let y = 0; y < p.output.height; y++) {
      at.row = y * p.stride.height - p.padding.top
      for (let x = 0; x < p.output.width; x++) {
        at.column = x * p.stride.width - p.padding.left
        sumPixel(p, inputs, at, sums)
        requantise(sums, p, out, written)
        written += sums.length
      }
    }
  }
}
