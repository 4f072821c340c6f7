/** How activation tensors lie in the activation scratchpad, and the commands that bring them there and back. */
import { type Graph, type TensorId, tensorOf } from '../../../compiler/ir/graph.ts'
import type { Padding2d } from '../../../compiler/ir/operators.ts'
import { at, type Location } from '../../../compiler/schedule/program.ts'
import type { Layout, Range, Resident, Workspace } from '../../../compiler/target/target.ts'
import { copyModes } from '../commands/copy.ts'
import { LOAD_MEMORIES } from '../commands/load.ts'

/** A tensor as images; anything that is not one is a single row of elements. */
export interface Shape {
  readonly images: number
  readonly height: number
  readonly width: number
  readonly channels: number
}

export function imagesOf(graph: Graph, tensor: TensorId): Shape {
  const { shape } = tensorOf(graph, tensor)
  const [images, height, width, channels] = shape
  return shape.length === 4
    ? { images: images!, height: height!, width: width!, channels: channels! }
    : { images: 1, height: 1, width: shape.reduce((product, size) => product * size, 1), channels: 1 }
}

/**
 * A whole tensor in the scratchpad, every image in a frame of padding that holds the zero point. The
 * padding behind one row is also the padding before the next.
 */
export interface Frame extends Layout {
  readonly shape: Shape
  readonly padding: Padding2d
  readonly value: number
  readonly rowStride: number
  readonly imageStride: number
}
export type CnnWorkspace = Workspace<Frame>

/** Bytes of a frame around `height` x `width` pixels, and from one row to the next. */
function frameSize(size: Pick<Shape, 'height' | 'width' | 'channels'>, { top, bottom, left, right }: Padding2d) {
  const rowStride = (size.width + Math.max(left, right)) * size.channels
  return {
    rowStride,
    bytes: (top + size.height + bottom - 1) * rowStride + (left + size.width + right) * size.channels,
  }
}

export const noPadding: Padding2d = { top: 0, bottom: 0, left: 0, right: 0 }

/** A frame around a tensor that is seen in this shape; `value` is its zero point. */
export function frameAround(shape: Shape, padding: Padding2d, value: number): Frame {
  const { rowStride, bytes } = frameSize(shape, padding)
  return {
    memory: 'act',
    bytes: bytes * shape.images,
    alignment: 16,
    shape,
    padding,
    value,
    rowStride,
    imageStride: bytes,
  }
}

/** A box of pixels in the scratchpad. */
export interface Box {
  readonly location: Location
  readonly rowStride: number
  readonly pixelStride: number
}

/** What part of a tensor a tile reads or writes; rows and columns may reach into the padding. */
export interface Window {
  readonly image: number
  readonly rows: { readonly start: number; readonly size: number }
  readonly columns: { readonly start: number; readonly size: number }
  readonly channels: { readonly start: number; readonly size: number }
}

const isDense = ({ padding: { top, bottom, left, right } }: Frame) => top + bottom + left + right === 0

/** A box of a resident tensor; without padding, the same bytes can be seen in any shape. */
function boxIn({ layout, location }: Resident<Frame>, shape: Shape, { image, rows, columns, channels }: Window): Box {
  const frame = isDense(layout) ? frameAround(shape, noPadding, layout.value) : layout
  const pixel = (frame.padding.left + columns.start) * shape.channels + channels.start
  const offset = image * frame.imageStride + (frame.padding.top + rows.start) * frame.rowStride + pixel
  return { location: at(location, offset), rowStride: frame.rowStride, pixelStride: shape.channels }
}

/** The frame with room for everybody's padding; all must see the same pixels unless nobody wants padding. */
export function mergeFrames(frames: readonly Frame[]): Frame | undefined {
  const [first] = frames
  if (first === undefined || frames.every(isDense)) return first
  const key = ({ images, height, width, channels }: Shape) => [images, height, width, channels].join()
  if (frames.some(({ shape }) => key(shape) !== key(first.shape))) return undefined
  const most = (side: keyof Padding2d) => Math.max(...frames.map(({ padding }) => padding[side]))
  const padding = { top: most('top'), bottom: most('bottom'), left: most('left'), right: most('right') }
  return frameAround(first.shape, padding, first.value)
}

/** Elements of [start, start + size) that lie before 0 and behind `limit`. */
function outside({ start, size }: { start: number; size: number }, limit: number): [before: number, behind: number] {
  return [Math.max(0, -start), Math.max(0, start + size - limit)]
}

/** The box of an input that a tile reads; brought from RAM unless it is in the scratchpad, padding included. */
export function readBox(work: CnnWorkspace, index: number, shape: Shape, window: Window, zeroPoint: number): Box {
  const operand = work.inputs[index]!
  if (operand.resident !== undefined) return boxIn(operand.resident, shape, window)
  return loadBox(work, `input ${index}`, operand.ram!, shape, window, zeroPoint)
}

/** Brings a box of a dense tensor in RAM into a new buffer; the last one of the same slot is reused if it is the same. */
export function loadBox(
  work: CnnWorkspace,
  slot: string,
  ram: Location,
  shape: Shape,
  window: Window,
  zeroPoint: number,
): Box {
  return work.keep(slot, JSON.stringify(window), () => {
    const { image, rows, columns, channels } = window
    const [top, bottom] = outside(rows, shape.height)
    const [left, right] = outside(columns, shape.width)
    const size = { height: rows.size - top - bottom, width: columns.size - left - right, channels: channels.size }
    const { rowStride, bytes } = frameSize(size, { top, bottom, left, right })
    const location = work.buffer('act', bytes, slot, 16)
    const pixel = (image * shape.height + rows.start + top) * shape.width + columns.start + left
    work.emit(
      'load',
      {
        ram: at(ram, pixel * shape.channels + channels.start),
        scratch: location,
        memory: LOAD_MEMORIES.indexOf('act'),
        ...(left + right > 0 ? pixelRuns(size, shape, rowStride) : runs(size, shape, rowStride, top + bottom === 0)),
        padTop: top,
        padBottom: bottom,
        padLeft: left,
        padRight: right,
        padValue: zeroPoint,
      },
      slot,
    )
    return { location, rowStride, pixelStride: channels.size }
  })
}

type Size = Pick<Shape, 'height' | 'width' | 'channels'>

/** Transfer fields with one run per pixel. */
function pixelRuns(size: Size, ram: Size, scratchRowStride: number) {
  return {
    bytes: size.channels,
    rows: size.width,
    planes: size.height,
    ramRowStride: ram.channels,
    ramPlaneStride: ram.width * ram.channels,
    scratchRowStride: size.channels,
    scratchPlaneStride: scratchRowStride,
  }
}

/** Transfer fields with as few runs as the box allows; rows join only if nothing stands between them. */
function runs(size: Size, ram: Size, scratchRowStride: number, join: boolean) {
  const pixels = pixelRuns(size, ram, scratchRowStride)
  if (size.channels < ram.channels) return pixels
  const row = size.width * size.channels
  const byRow = { ...pixels, bytes: row, rows: 1, ramRowStride: row, scratchRowStride: row }
  if (!join || size.width < ram.width || scratchRowStride !== row) return byRow
  return { ...byRow, bytes: row * size.height, planes: 1 }
}

/** The box that a tile of the output is written to: in the resident frame, or in a new buffer. */
export function outputBox(work: CnnWorkspace, shape: Shape, window: Window): Box {
  const { resident } = work.output
  if (resident !== undefined) {
    work.keep('border', '', () => fillBorder(work, resident.location, resident.layout))
    return boxIn(resident, shape, window)
  }
  return work.keep('output', JSON.stringify(window), () => {
    const { rows, columns, channels } = window
    const location = work.buffer('act', rows.size * columns.size * channels.size, 'output', 16)
    return { location, rowStride: columns.size * channels.size, pixelStride: channels.size }
  })
}

/** Stores a finished box of the output if it belongs into RAM. */
export function storeBox(work: CnnWorkspace, box: Box, shape: Shape, window: Window): void {
  const { ram } = work.output
  if (ram === undefined) return
  const { image, rows, columns, channels } = window
  const pixel = (image * shape.height + rows.start) * shape.width + columns.start
  const size = { height: rows.size, width: columns.size, channels: channels.size }
  const dense = runs(size, shape, box.rowStride, true)
  const strided = { ...pixelRuns(size, shape, box.rowStride), scratchRowStride: box.pixelStride }
  const fields = box.pixelStride === channels.size ? dense : strided
  work.emit(
    'store',
    { ram: at(ram, pixel * shape.channels + channels.start), scratch: box.location, ...fields },
    'output',
  )
}

/** Writes the padding of a frame: what stands before the first row, between rows and behind the last one. */
function fillBorder(work: CnnWorkspace, location: Location, frame: Frame): void {
  const { shape, padding, rowStride, imageStride } = frame
  const row = shape.width * shape.channels
  const before = padding.top * rowStride + padding.left * shape.channels
  const behind = imageStride - before - (shape.height - 1) * rowStride - row
  const fill = (offset: number, bytes: number, rows: number) => {
    if (bytes > 0 && rows > 0)
      work.emit(
        'copy',
        {
          output: at(location, offset),
          bytes,
          rows,
          planes: shape.images,
          outputRowStride: rowStride,
          outputPlaneStride: imageStride,
          mode: copyModes.fill,
          value: frame.value,
        },
        'padding',
      )
  }
  fill(0, before, 1)
  fill(before + row, rowStride - row, shape.height - 1)
  fill(imageStride - behind, behind, 1)
}

/** The input elements that output elements `range` need along one axis. */
export function inputRange(
  { start, size }: Pick<Range, 'start' | 'size'>,
  stride: number,
  before: number,
  reach: number,
) {
  return { start: start * stride - before, size: (size - 1) * stride + reach }
}

/** The parts of a range that lie inside the tensor. */
export function clipRange({ start, size }: { start: number; size: number }, limit: number) {
  const first = Math.max(0, start)
  return { start: first, size: Math.min(limit, start + size) - first }
}
