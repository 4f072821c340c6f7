import type { ConvolutionParameters } from '../../../compiler/ops/convolution.ts'
import { kernelParameters, operatorMacs } from '../../../compiler/ops/index.ts'
import { at } from '../../../compiler/schedule/program.ts'
import type { Hardware, Lowering, Match, Tile } from '../../../compiler/target/target.ts'
import { partialSums } from '../parameters.ts'
import {
  type CnnWorkspace,
  type Frame,
  frameAround,
  inputRange,
  noPadding,
  outputBox,
  readBox,
  storeBox,
} from './frame.ts'
import { kernelProblem } from './limits.ts'
import { loadWeights, REDUCTION_STEP } from './weights.ts'

type Axes = 'image' | 'rows' | 'columns' | 'groups' | 'channels' | 'reduction'

/** Input elements that a dilated kernel covers along both axes. */
export const reachOf = ({ kernel, dilation }: Pick<ConvolutionParameters, 'kernel' | 'dilation'>) => ({
  height: (kernel.height - 1) * dilation.height + 1,
  width: (kernel.width - 1) * dilation.width + 1,
})

/** Frames that a sliding window needs: its input with all the padding that it reaches into, its output without. */
export function windowLayouts(p: ConvolutionParameters): Lowering<Frame>['layouts'] {
  const reach = reachOf(p)
  const behind = (side: 'height' | 'width', before: number) =>
    Math.max(0, (p.output[side] - 1) * p.stride[side] + reach[side] - before - p.input[side])
  const { top, left } = p.padding
  const padding = { top, bottom: behind('height', top), left, right: behind('width', left) }
  return {
    inputs: [frameAround({ images: p.batches, ...p.input }, padding, p.inputZeroPoint)],
    output: frameAround({ images: p.batches, ...p.output }, noPadding, p.range.zeroPoint),
  }
}

/** A convolution, or a depthwise one as a convolution with a group for each input channel. */
interface Convolution extends ConvolutionParameters {
  /** Weight `index` (kernel row, kernel column, input channel of the group) of an output channel. */
  readonly weight: (channel: number, index: number) => number
}

function convolutionOf({ graph, operators: [operator] }: Match): Convolution {
  const weights = graph.tensors[operator!.inputs[1]!]!.data as Int8Array
  if (operator!.kind === 'depthwiseConv2d') {
    const p = kernelParameters(graph, operator as typeof operator & { kind: 'depthwiseConv2d' })
    return { ...p, weight: (channel, index) => weights[index * p.output.channels + channel]! }
  }
  const p = kernelParameters(graph, operator as typeof operator & { kind: 'conv2d' })
  const depth = weights.length / p.output.channels
  return { ...p, weight: (channel, index) => weights[channel * depth + index]! }
}

export function acceptsConvolution(match: Match): true | string {
  return kernelProblem(convolutionOf(match)) ?? true
}

/**
 * One CONV per tile and group. A tile covers part of one image, of the output channels of one or more
 * groups, and of the input channels of a group; sums stay in the accumulators while the input
 * channels are cut.
 */
export function lowerConvolution(match: Match, { parameters }: Hardware): Lowering<Frame> {
  const { graph, operators } = match
  const [operator] = operators
  const p = convolutionOf(match)
  const axis = (name: Axes, size: number, step = 1) => ({ name, size, step })
  const arrayColumns = parameters.columns!
  const depth = p.input.channels / p.groups
  return {
    inputs: [operator!.inputs[0]!],
    output: operator!.outputs[0]!,
    layouts: windowLayouts(p),
    macs: operatorMacs(graph, operator!),
    axes: [
      { ...axis('image', p.batches), limit: 1 },
      axis('rows', p.output.height),
      axis('columns', p.output.width),
      axis('groups', p.groups),
      axis('channels', p.output.channels / p.groups, arrayColumns),
      // Sums survive only until the next command on the array, so the groups of a tile cannot take turns.
      axis('reduction', depth, p.groups === 1 ? REDUCTION_STEP : depth),
    ],
    orders: [
      ['groups', 'channels', 'image', 'rows', 'columns', 'reduction'],
      ['image', 'rows', 'columns', 'groups', 'channels', 'reduction'],
    ],
    lower: (tile: Tile<Axes>, work) => lowerTile(p, tile, work, arrayColumns),
  }
}

function lowerTile(p: Convolution, tile: Tile<Axes>, work: CnnWorkspace, arrayColumns: number): void {
  const depth = p.input.channels / p.groups
  const outputs = p.output.channels / p.groups
  const reach = reachOf(p)
  const place = {
    image: tile.image.start,
    rows: inputRange(tile.rows, p.stride.height, p.padding.top, reach.height),
    columns: inputRange(tile.columns, p.stride.width, p.padding.left, reach.width),
  }
  for (let group = tile.groups.start; group < tile.groups.start + tile.groups.size; group++) {
    const channels = { start: group * outputs + tile.channels.start, size: tile.channels.size }
    const reduced = { start: group * depth + tile.reduction.start, size: tile.reduction.size }
    const taps = p.kernel.height * p.kernel.width
    const weights = loadWeights(
      work,
      {
        key: `channels ${channels.start}+${channels.size} inputs ${reduced.start}+${reduced.size}`,
        channels,
        depth: taps * reduced.size,
        weight: (channel, index) => {
          const tap = Math.floor(index / reduced.size)
          return p.weight(channel, tap * depth + tile.reduction.start + (index % reduced.size))
        },
        parameters: p.channels,
      },
      arrayColumns,
    )
    const input = readBox(work, 0, { images: p.batches, ...p.input }, { ...place, channels: reduced }, p.inputZeroPoint)
    const window = { image: tile.image.start, rows: tile.rows, columns: tile.columns, channels }
    const output = outputBox(work, { images: p.batches, ...p.output }, window)
    const keep = tile.reduction.last ? 0 : partialSums.keepSums
    const go = tile.reduction.first ? 0 : partialSums.continueSums
    work.emit(
      'conv',
      {
        input: at(input.location, 0),
        weights: weights.weights,
        parameters: weights.parameters,
        output: output.location,
        inputRowStride: input.rowStride,
        outputRowStride: output.rowStride,
        inputPixelStride: input.pixelStride,
        outputPixelStride: output.pixelStride,
        inChannels: reduced.size,
        outChannels: channels.size,
        ...windowFields(p, tile),
        partial: keep | go,
      },
      p.groups > 1 ? `group ${group}` : 'conv',
    )
    if (tile.reduction.last) storeBox(work, output, { images: p.batches, ...p.output }, window)
  }
}

/** Fields that CONV and DEPTHWISE share. */
export function windowFields(p: ConvolutionParameters, tile: Pick<Tile<'rows' | 'columns'>, 'rows' | 'columns'>) {
  return {
    outHeight: tile.rows.size,
    outWidth: tile.columns.size,
    kernelHeight: p.kernel.height,
    kernelWidth: p.kernel.width,
    strideHeight: p.stride.height,
    strideWidth: p.stride.width,
    dilationHeight: p.dilation.height,
    dilationWidth: p.dilation.width,
    outputZeroPoint: p.range.zeroPoint,
    activationMin: p.range.min,
    activationMax: p.range.max,
  }
}
