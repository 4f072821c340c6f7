/** DEPTHWISE with `i32x4.dot_i16x8_s` over pairs of taps; see ../convolve-depthwise.ts for the plain reference. */
import type { SharedMemory } from '../../../sim/accel/fast-effects.ts'
import type { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import type { DepthwiseFields } from '../commands/depthwise.ts'
import type { CnnParameters } from '../parameters.ts'
import { PAIR_BYTES, PANEL_CHANNELS } from './arrange.ts'
import type { Kernels } from './kernels.ts'
import { independent } from './overlap.ts'
import { packWeights } from './pack-weights.ts'
import { PixelChunks } from './pixel-chunks.ts'

export function depthwiseConvolver(kernels: Kernels, work: WorkMemory, { offsets }: SharedMemory, p: CnnParameters) {
  const chunks = new PixelChunks(kernels, work)
  const [act, wgt, acc] = [offsets.act!, offsets.wgt!, offsets.acc!]

  return (f: DepthwiseFields): boolean => {
    if (!independent(f, f.channels, f.channels)) return false
    work.clear()
    const taps = f.kernelHeight * f.kernelWidth
    const pairs = (taps + 1) >> 1
    const columns = Math.ceil(f.channels / p.columns) * p.columns
    const packed = work.take(Math.ceil(columns / PANEL_CHANNELS) * pairs * PAIR_BYTES)
    const tapTable = work.take(8 * pairs)
    const panels = Math.ceil(f.channels / PANEL_CHANNELS)
    const products = () => {
      packWeights(kernels, wgt + f.weights, { columns, width: p.columns, runs: 1, rows: taps }, packed)
      fillTapTable(f, work.words, tapTable)
      return (pixels: 4 | 1, table: number, blocks: number, sums: number, apart: number) => {
        const kernel = pixels === 4 ? kernels.depthwise4 : kernels.depthwise1
        kernel(table, blocks, packed, panels, sums, apart, tapTable, pairs)
      }
    }
    const { channels } = f
    const done = chunks.run(
      { fields: f, channels, columns: channels, input: act + f.input, elementBytes: 1, act, wgt },
      products,
    )
    if (done) work.bytes.fill(0x5a, acc, acc + p.accumulatorKiB * 1024)
    return done
  }
}

/** Byte offsets of the taps of a window; behind an odd number the first once more, for a weight of zero. */
function fillTapTable(f: DepthwiseFields, words: Int32Array, at: number): void {
  let next = at >> 2
  for (let row = 0; row < f.kernelHeight; row++)
    for (let column = 0; column < f.kernelWidth; column++)
      words[next++] = row * f.dilationHeight * f.inputRowStride + column * f.dilationWidth * f.inputPixelStride
  words[next] = 0
}
