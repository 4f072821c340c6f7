import type { ConvolutionParameters } from '../../../compiler/ops/convolution.ts'
import { kernelParameters, operatorMacs } from '../../../compiler/ops/index.ts'
import type { Hardware, Lowering, Match, Tile } from '../../../compiler/target/target.ts'
import { reachOf, windowFields, windowLayouts } from './conv.ts'
import { type CnnWorkspace, type Frame, inputRange, outputBox, readBox, storeBox } from './frame.ts'
import { kernelProblem } from './limits.ts'
import { loadWeights } from './weights.ts'

type Axes = 'image' | 'rows' | 'columns' | 'channels'

/** A depthwise convolution of as many output as input channels. */
interface Depthwise extends ConvolutionParameters {
  /** Weight `index` (kernel row, kernel column) of a channel. */
  readonly weight: (channel: number, index: number) => number
}

function depthwiseOf({ graph, operators: [operator] }: Match<'depthwiseConv2d'>): Depthwise {
  const weights = graph.tensors[operator!.inputs[1]!]!.data as Int8Array
  const p = kernelParameters(graph, operator!)
  return { ...p, weight: (channel, index) => weights[index * p.output.channels + channel]! }
}

export function acceptsDepthwise(match: Match<'depthwiseConv2d'>): true | string {
  const p = depthwiseOf(match)
  if (p.input.channels !== p.output.channels) return 'it makes several outputs of each channel'
  if (p.input.channels === 1) return 'with one channel it is an ordinary convolution'
  return kernelProblem(p) ?? true
}

export function lowerDepthwise(match: Match<'depthwiseConv2d'>, hardware: Hardware): Lowering<Frame> {
  return depthwiseLowering(match, depthwiseOf(match), hardware)
}

/**
 * MEAN over height and width as a depthwise convolution whose kernel is the whole image and all ones: the
 * bias takes the zero point away, the requantisation multiplies by the scale over the number of pixels.
 */
function meanOf({ graph, operators: [operator] }: Match<'mean'>): Depthwise {
  const { scale, range, inputZeroPoint } = kernelParameters(graph, operator!)
  const [batches, height, width, channels] = graph.tensors[operator!.inputs[0]!]!.shape as [
    number,
    number,
    number,
    number,
  ]
  const one = { height: 1, width: 1 }
  const all = (value: number) => new Int32Array(channels).fill(value)
  return {
    batches,
    input: { height, width, channels },
    output: { ...one, channels },
    kernel: { height, width },
    stride: one,
    dilation: one,
    padding: { top: 0, left: 0 },
    groups: channels,
    inputZeroPoint,
    range,
    channels: {
      biases: all(-inputZeroPoint * height * width),
      multipliers: all(scale.multiplier),
      shifts: all(scale.shift),
    },
    weight: () => 1,
  }
}

export function acceptsMean(match: Match<'mean'>, { parameters, memories }: Hardware): true | string {
  const [operator] = match.operators
  const { shape } = match.graph.tensors[operator!.inputs[0]!]!
  if (shape.length !== 4 || operator!.attributes.axes.join() !== '1,2')
    return 'it is not the mean over height and width'
  const p = meanOf(match)
  if (p.kernel.height * p.kernel.width * parameters.columns! > memories.act!.bytes / 2)
    return `an image of ${p.kernel.height}x${p.kernel.width} does not fit the activation scratchpad`
  return kernelProblem(p) ?? true
}

export function lowerMean(match: Match<'mean'>, hardware: Hardware): Lowering<Frame> {
  return depthwiseLowering(match, meanOf(match), hardware)
}

/** One DEPTHWISE per tile: part of one image and of the channels. */
function depthwiseLowering({ graph, operators }: Match, p: Depthwise, { parameters }: Hardware): Lowering<Frame> {
  const [operator] = operators
  const axis = (name: Axes, size: number, step = 1) => ({ name, size, step })
  return {
    inputs: [operator!.inputs[0]!],
    output: operator!.outputs[0]!,
    layouts: windowLayouts(p),
    macs: operatorMacs(graph, operator!),
    axes: [
      { ...axis('image', p.batches), limit: 1 },
      axis('rows', p.output.height),
      axis('columns', p.output.width),
      axis('channels', p.output.channels, parameters.columns!),
    ],
    orders: [
      ['channels', 'image', 'rows', 'columns'],
      ['image', 'rows', 'columns', 'channels'],
    ],
    lower: (tile: Tile<Axes>, work) => lowerTile(p, tile, work, parameters.columns!),
  }
}

function lowerTile(p: Depthwise, tile: Tile<Axes>, work: CnnWorkspace, arrayColumns: number): void {
  const { channels } = tile
  const block = {
    key: `channels ${channels.start}+${channels.size}`,
    channels,
    depth: p.kernel.height * p.kernel.width,
    weight: p.weight,
    parameters: p.channels,
  }
  const weights = loadWeights(work, block, arrayColumns)
  const reach = reachOf(p)
  const image = tile.image.start
  const place = {
    image,
    rows: inputRange(tile.rows, p.stride.height, p.padding.top, reach.height),
    columns: inputRange(tile.columns, p.stride.width, p.padding.left, reach.width),
    channels,
  }
  const input = readBox(work, 0, { images: p.batches, ...p.input }, place, p.inputZeroPoint)
  const window = { image, rows: tile.rows, columns: tile.columns, channels }
  const output = outputBox(work, { images: p.batches, ...p.output }, window)
  work.emit(
    'depthwise',
    {
      input: input.location,
      weights: weights.weights,
      parameters: weights.parameters,
      output: output.location,
      inputRowStride: input.rowStride,
      outputRowStride: output.rowStride,
      inputPixelStride: input.pixelStride,
      outputPixelStride: output.pixelStride,
      channels: channels.size,
      ...windowFields(p, tile),
    },
    'depthwise',
  )
  storeBox(work, output, { images: p.batches, ...p.output }, window)
}
