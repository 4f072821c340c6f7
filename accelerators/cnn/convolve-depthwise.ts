/** The effect of DEPTHWISE in plain TypeScript: the reference that faster versions are held to. */
import type { DepthwiseFields } from './commands/depthwise.ts'
import { OutputStage } from './output-stage.ts'
import { type CnnParameters, clobberAccumulators } from './parameters.ts'

/** Sums of one pixel, kept so that a tile allocates nothing. */
let sums = new Int32Array(0)
const output = new OutputStage()

/** Runs the command on `act` and `wgt`; all bounds were checked from its `touches`. */
export function convolveDepthwise(
  f: DepthwiseFields,
  memories: Readonly<Record<string, Int8Array>>,
  p: CnnParameters,
): void {
  const act = memories.act!
  if (sums.length < f.channels) sums = new Int32Array(f.channels)
  output.configure(f, f.channels, memories.wgt!)
  for (let y = 0; y < f.outHeight; y++)
    for (let x = 0; x < f.outWidth; x++) {
      sumPixel(f, act, memories.wgt!, p.columns, y, x)
      output.store(sums, 0, act, f.output + y * f.outputRowStride + x * f.outputPixelStride)
    }
  clobberAccumulators(memories)
}

/** Sums of all channels of one output pixel, tap by tap. */
function sumPixel(f: DepthwiseFields, act: Int8Array, wgt: Int8Array, columns: number, y: number, x: number): void {
  const taps = f.kernelHeight * f.kernelWidth
  for (let block = 0; block < f.channels; block += columns) {
    const width = Math.min(columns, f.channels - block)
    sums.fill(0, block, block + width)
    let weights = f.weights + block * taps
    for (let row = 0; row < f.kernelHeight; row++)
      for (let column = 0; column < f.kernelWidth; column++) {
        const from =
          f.input +
          (y * f.strideHeight + row * f.dilationHeight) * f.inputRowStride +
          (x * f.strideWidth + column * f.dilationWidth) * f.inputPixelStride +
          block
        for (let i = 0; i < width; i++)
          sums[block + i] = sums[block + i]! + Math.imul(act[from + i]!, wgt[weights + i]!)
        weights += columns
      }
  }
}
