/** The effect of DEPTHWISE in plain TypeScript: the reference that faster versions are held to. */
import type { DepthwiseFields } from './commands/depthwise.ts'
import { OutputStage } from './output-stage.ts'
import { type CnnParameters, clobberAccumulators } from './parameters.ts'

/** Sums of one pixel, and where the taps of its window stand from the first; kept, so that a tile allocates nothing. */
let sums = new Int32Array(0)
let taps = new Int32Array(0)
const output = new OutputStage()

/** Runs the command on `act` and `wgt`; all bounds were checked from its `touches`. */
export function convolveDepthwise(
  f: DepthwiseFields,
  memories: Readonly<Record<string, Int8Array>>,
  p: CnnParameters,
): void {
  const act = memories.act!
  const count = f.kernelHeight * f.kernelWidth
  if (sums.length < f.channels) sums = new Int32Array(f.channels)
  if (taps.length < count) taps = new Int32Array(count)
  for (let tap = 0; tap < count; tap++)
    taps[tap] =
      Math.floor(tap / f.kernelWidth) * f.dilationHeight * f.inputRowStride +
      (tap % f.kernelWidth) * f.dilationWidth * f.inputPixelStride
  output.configure(f, f.channels, memories.wgt!)
  for (let y = 0; y < f.outHeight; y++)
    for (let x = 0; x < f.outWidth; x++) {
      const first = f.input + y * f.strideHeight * f.inputRowStride + x * f.strideWidth * f.inputPixelStride
      for (let block = 0; block < f.channels; block += p.columns) {
        const weights = f.weights + block * count
        sumBlock(
          act,
          first + block,
          memories.wgt!,
          weights,
          p.columns,
          count,
          block,
          Math.min(p.columns, f.channels - block),
        )
      }
      output.store(sums, 0, act, f.output + y * f.outputRowStride + x * f.outputPixelStride)
    }
  clobberAccumulators(memories)
}

/** Sums of `width` channels of one pixel into `sums` at `to`, four channels at a time and the rest one by one. */
function sumBlock(
  act: Int8Array,
  input: number,
  wgt: Int8Array,
  weights: number,
  columns: number,
  count: number,
  to: number,
  width: number,
): void {
  const fours = width & ~3
  for (let channel = 0; channel < fours; channel += 4) {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    let w = weights + channel
    for (let tap = 0; tap < count; tap++) {
      const x = input + channel + taps[tap]!
      s0 = (s0 + Math.imul(act[x]!, wgt[w]!)) | 0
      s1 = (s1 + Math.imul(act[x + 1]!, wgt[w + 1]!)) | 0
      s2 = (s2 + Math.imul(act[x + 2]!, wgt[w + 2]!)) | 0
      s3 = (s3 + Math.imul(act[x + 3]!, wgt[w + 3]!)) | 0
      w += columns
    }
    sums[to + channel] = s0
    sums[to + channel + 1] = s1
    sums[to + channel + 2] = s2
    sums[to + channel + 3] = s3
  }
  for (let channel = fours; channel < width; channel++) {
    let sum = 0
    for (let tap = 0; tap < count; tap++)
      sum = (sum + Math.imul(act[input + channel + taps[tap]!]!, wgt[weights + channel + tap * columns]!)) | 0
    sums[to + channel] = sum
  }
}
