import { perTensor, tensorOf } from '../../../compiler/ir/graph.ts'
import { kernelParameters } from '../../../compiler/ops/index.ts'
import type { PoolParameters } from '../../../compiler/ops/pool.ts'
import type { Hardware, Lowering, Match, Tile } from '../../../compiler/target/target.ts'
import { poolKinds } from '../commands/pool.ts'
import {
  type CnnWorkspace,
  clipRange,
  type Frame,
  frameAround,
  inputRange,
  noPadding,
  outputBox,
  readBox,
  storeBox,
} from './frame.ts'
import { kernelProblem } from './limits.ts'

type Axes = 'image' | 'rows' | 'columns' | 'channels'
type PoolMatch = Match<'averagePool2d' | 'maxPool2d'>

/** The rescaling by one: an average keeps its quantisation. */
const IDENTITY = { multiplier: 2 ** 30, shift: 1 }

const poolOf = ({ graph, operators }: PoolMatch): PoolParameters => kernelParameters(graph, operators[0]!)

/** Channels of the smallest tile. */
const CHANNEL_STEP = 16

export function acceptsPool(match: PoolMatch, { memories }: Hardware): true | string {
  const { window, ...p } = poolOf(match)
  // A window cannot be cut: sums stay in the vector unit for one output pixel only.
  const smallest = Math.min(window.height, p.input.height) * Math.min(window.width, p.input.width)
  if (smallest * Math.min(p.input.channels, CHANNEL_STEP) > memories.act!.bytes / 2)
    return `a window of ${window.height}x${window.width} does not fit the activation scratchpad`
  return kernelProblem({ ...p, kernel: window, dilation: { height: 1, width: 1 } }) ?? true
}

/** One POOL per tile; windows are clipped to the image, so that padding takes no room. */
export function lowerPool(match: PoolMatch): Lowering<Frame> {
  const { graph, operators } = match
  const operator = operators[0]!
  const p = poolOf(match)
  const zeroPoint = perTensor(tensorOf(graph, operator.outputs[0]!))?.zeroPoint ?? 0
  const axis = (name: Axes, size: number) => ({ name, size, step: 1 })
  return {
    inputs: [operator.inputs[0]!],
    output: operator.outputs[0]!,
    layouts: {
      inputs: [frameAround({ images: p.batches, ...p.input }, noPadding, zeroPoint)],
      output: frameAround({ images: p.batches, ...p.output }, noPadding, zeroPoint),
    },
    macs: 0,
    axes: [
      { ...axis('image', p.batches), limit: 1 },
      axis('rows', p.output.height),
      axis('columns', p.output.width),
      { ...axis('channels', p.output.channels), step: CHANNEL_STEP },
    ],
    orders: [['image', 'rows', 'columns', 'channels']],
    lower: (tile: Tile<Axes>, work) =>
      lowerTile(p, operator.kind === 'maxPool2d' ? poolKinds.max : poolKinds.average, tile, work),
  }
}

function lowerTile(p: PoolParameters, kind: number, tile: Tile<Axes>, work: CnnWorkspace): void {
  const image = tile.image.start
  const reached = {
    rows: inputRange(tile.rows, p.stride.height, p.padding.top, p.window.height),
    columns: inputRange(tile.columns, p.stride.width, p.padding.left, p.window.width),
  }
  const rows = clipRange(reached.rows, p.input.height)
  const columns = clipRange(reached.columns, p.input.width)
  const { channels } = tile
  const input = readBox(work, 0, { images: p.batches, ...p.input }, { image, rows, columns, channels }, 0)
  const shape = { images: p.batches, ...p.output }
  const window = { image, rows: tile.rows, columns: tile.columns, channels }
  const output = outputBox(work, shape, window)
  work.emit(
    'pool',
    {
      input: input.location,
      output: output.location,
      inputRowStride: input.rowStride,
      outputRowStride: output.rowStride,
      inputPixelStride: input.pixelStride,
      outputPixelStride: output.pixelStride,
      channels: channels.size,
      inHeight: rows.size,
      inWidth: columns.size,
      outHeight: tile.rows.size,
      outWidth: tile.columns.size,
      kernelHeight: p.window.height,
      kernelWidth: p.window.width,
      strideHeight: p.stride.height,
      strideWidth: p.stride.width,
      padTop: rows.start - reached.rows.start,
      padLeft: columns.start - reached.columns.start,
      kind,
      ...IDENTITY,
      activationMin: p.min,
      activationMax: p.max,
    },
    'pool',
  )
  storeBox(work, output, shape, window)
}
