/**
 * The effect of CONV and FULLY CONNECTED in plain TypeScript: the reference that faster versions are
 * held to. Output pixels are taken in pairs: their input windows are gathered into two contiguous
 * vectors, and every weight that is loaded serves both, four columns at a time.
 */
import type { ConvFields } from './commands/conv.ts'
import { OutputStage } from './output-stage.ts'
import { type CnnParameters, clobberAccumulators, partialSums } from './parameters.ts'

type Memories = Readonly<Record<string, Int8Array>>

/** Two gathered windows, and their sums for all columns; kept, so that a tile allocates nothing. */
let windows = new Int8Array(0)
let sums = new Int32Array(0)
const output = new OutputStage()

/** Runs the command on `act`, `wgt` and `acc`; all bounds were checked from its `touches`. */
export function convolve(f: ConvFields, memories: Memories, p: CnnParameters): void {
  const act = memories.act!
  const depth = f.kernelHeight * f.kernelWidth * f.inChannels
  const columns = Math.ceil(f.outChannels / p.columns) * p.columns
  const pixels = f.outHeight * f.outWidth
  if (windows.length < 2 * depth) windows = new Int8Array(2 * depth)
  if (sums.length < 2 * columns) sums = new Int32Array(2 * columns)
  const kept = f.partial === 0 ? undefined : new Int32Array(memories.acc!.buffer, memories.acc!.byteOffset)
  output.configure(f, f.outChannels, memories.wgt!)

  for (let pixel = 0; pixel < pixels; pixel += 2) {
    // The last pixel of an odd count is its own partner.
    const partner = Math.min(pixel + 1, pixels - 1)
    gather(f, act, pixel, 0)
    gather(f, act, partner, depth)
    for (let block = 0; block < columns; block += p.columns)
      multiplyPair(memories.wgt!, f.weights + block * depth, depth, p.columns, block, columns)
    for (let half = 0; half <= partner - pixel; half++)
      finish(f, act, p.columns, pixel + half, half * columns, columns, kept)
  }
  if ((f.partial & partialSums.keepSums) === 0) clobberAccumulators(memories)
}

/** Copies the input window of one output pixel to `windows` at `to`: kernel row, kernel column, channel. */
function gather(f: ConvFields, act: Int8Array, pixel: number, to: number): void {
  const y = Math.floor(pixel / f.outWidth) * f.strideHeight
  const x = (pixel % f.outWidth) * f.strideWidth
  const channels = f.inChannels
  let next = to
  for (let row = 0; row < f.kernelHeight; row++)
    for (let column = 0; column < f.kernelWidth; column++) {
      const from =
        f.input + (y + row * f.dilationHeight) * f.inputRowStride + (x + column * f.dilationWidth) * f.inputPixelStride
      for (let channel = 0; channel < channels; channel++) windows[next++] = act[from + channel]!
    }
}

/**
 * Sums of both windows for one block of `width` columns (a multiple of four, as the array's width is)
 * into `sums` at `to`; those of the second window stand `apart` further on.
 */
function multiplyPair(wgt: Int8Array, weights: number, depth: number, width: number, to: number, apart: number): void {
  const input = windows
  for (let column = 0; column < width; column += 4) {
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    let at = weights + column
    for (let k = 0; k < depth; k++) {
      const a = input[k]!
      const b = input[depth + k]!
      const w0 = wgt[at]!
      const w1 = wgt[at + 1]!
      const w2 = wgt[at + 2]!
      const w3 = wgt[at + 3]!
      a0 = (a0 + Math.imul(a, w0)) | 0
      a1 = (a1 + Math.imul(a, w1)) | 0
      a2 = (a2 + Math.imul(a, w2)) | 0
      a3 = (a3 + Math.imul(a, w3)) | 0
      b0 = (b0 + Math.imul(b, w0)) | 0
      b1 = (b1 + Math.imul(b, w1)) | 0
      b2 = (b2 + Math.imul(b, w2)) | 0
      b3 = (b3 + Math.imul(b, w3)) | 0
      at += width
    }
    const first = to + column
    sums[first] = a0
    sums[first + 1] = a1
    sums[first + 2] = a2
    sums[first + 3] = a3
    const second = first + apart
    sums[second] = b0
    sums[second + 1] = b1
    sums[second + 2] = b2
    sums[second + 3] = b3
  }
}

/** Adds what an earlier command kept, then keeps the sums of one pixel or stores them as output. */
function finish(
  f: ConvFields,
  act: Int8Array,
  width: number,
  pixel: number,
  from: number,
  columns: number,
  kept: Int32Array | undefined,
): void {
  if (kept !== undefined) {
    const pixels = f.outHeight * f.outWidth
    const more = (f.partial & partialSums.continueSums) !== 0
    const keep = (f.partial & partialSums.keepSums) !== 0
    for (let column = 0; column < columns; column++) {
      const at = (Math.floor(column / width) * pixels + pixel) * width + (column % width)
      if (more) sums[from + column] = sums[from + column]! + kept[at]!
      if (keep) kept[at] = sums[from + column]!
    }
    if (keep) return
  }
  const row = Math.floor(pixel / f.outWidth)
  const at = f.output + row * f.outputRowStride + (pixel - row * f.outWidth) * f.outputPixelStride
  output.store(sums, from, act, at)
}
