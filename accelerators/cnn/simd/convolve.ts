/**
 * CONV and FULLY CONNECTED with `i32x4.dot_i16x8_s`; see ../convolve.ts for the plain reference.
 *
 * 1. The input is widened to int16 once, in place of gathering windows: its runs stay contiguous.
 * 2. The weights are packed once: panels of eight channels, pairs of the reduction side by side. Runs
 *    of odd length are completed by a weight of zero, which makes the value beside it not matter.
 * 3. Chunks of pixels: sums in registers, what an earlier command kept is added, output stage.
 */
import type { SharedMemory } from '../../../sim/accel/fast-effects.ts'
import type { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import { type ConvFields, reductionRuns } from '../commands/conv.ts'
import { type CnnParameters, partialSums } from '../parameters.ts'
import { inputRegion } from '../window.ts'
import { PAIR_BYTES, PANEL_CHANNELS } from './arrange.ts'
import type { Kernels } from './kernels.ts'
import { endOf, independent } from './overlap.ts'
import { packWeights } from './pack-weights.ts'
import { PixelChunks } from './pixel-chunks.ts'

export function convolver(kernels: Kernels, work: WorkMemory, { offsets }: SharedMemory, p: CnnParameters) {
  const chunks = new PixelChunks(kernels, work)
  const [act, wgt, acc] = [offsets.act!, offsets.wgt!, offsets.acc!]

  return (f: ConvFields): boolean => {
    if (!independent(f, f.inChannels, f.outChannels)) return false
    work.clear()
    const runs = reductionRuns(f)
    const pairs = (runs.length + 1) >> 1
    const columns = Math.ceil(f.outChannels / p.columns) * p.columns
    const panels = Math.ceil(columns / PANEL_CHANNELS)
    const span = endOf(inputRegion(f, f.inChannels)) - f.input
    const wide = work.take(2 * span)
    const packed = work.take(panels * runs.count * pairs * PAIR_BYTES)
    const runTable = work.take(4 * runs.count)
    const products = () => {
      widenInput(kernels, f, act + f.input, wide)
      packWeights(kernels, wgt + f.weights, { columns, width: p.columns, runs: runs.count, rows: runs.length }, packed)
      fillRunTable(f, work.words, runTable, runs.count)
      return (pixels: 4 | 1, table: number, blocks: number, sums: number, apart: number) => {
        const kernel = pixels === 4 ? kernels.multiply4 : kernels.multiply1
        kernel(table, blocks, packed, panels, sums, apart, runTable, runs.count, pairs)
      }
    }
    const chunked = { fields: f, channels: f.outChannels, columns, input: wide, elementBytes: 2, act, wgt }
    const keep = (f.partial & partialSums.keepSums) !== 0
    const done = chunks.run(chunked, products, (first, count, sums, apart) => {
      if (f.partial !== 0) exchangeSums(f, columns, first, count, sums, apart)
      return !keep
    })
    if (done && !keep) work.bytes.fill(0x5a, acc, acc + p.accumulatorKiB * 1024)
    return done
  }

  /** Adds the kept sums of a chunk, and keeps them; they lie as block of columns, pixel, column. */
  function exchangeSums(f: ConvFields, columns: number, first: number, count: number, sums: number, apart: number) {
    const bytes = 4 * p.columns
    for (let block = 0; block < columns; block += p.columns) {
      const kept = acc + (block * f.outHeight * f.outWidth + first * p.columns) * 4
      const vectors = p.columns / 4
      if ((f.partial & partialSums.continueSums) !== 0)
        kernels.addRows(kept, bytes, sums + 4 * block, apart, count, vectors)
      if ((f.partial & partialSums.keepSums) !== 0)
        kernels.copyRows(sums + 4 * block, apart, kept, bytes, count, vectors)
    }
  }
}

/** Widens all that the windows read, row by row, to where it stands in the tile, times two. */
function widenInput(kernels: Kernels, f: ConvFields, from: number, to: number): void {
  const region = inputRegion(f, f.inChannels)
  const [rows, pixels] = region.repeat as [{ count: number; stride: number }, { count: number; stride: number }]
  const bytes = (pixels.count - 1) * pixels.stride + f.inChannels
  if (rows.count === 1 || rows.stride <= bytes) {
    kernels.widen(from, to, Math.ceil(((rows.count - 1) * rows.stride + bytes) / 16))
    return
  }
  for (let row = 0; row < rows.count; row++)
    kernels.widen(from + row * rows.stride, to + 2 * row * rows.stride, Math.ceil(bytes / 16))
}

/** Byte offsets of the runs of a window in the widened input. */
function fillRunTable(f: ConvFields, words: Int32Array, at: number, runs: number): void {
  const perRow = runs / f.kernelHeight
  for (let run = 0; run < runs; run++) {
    const row = Math.floor(run / perRow)
    const column = run - row * perRow
    words[(at >> 2) + run] =
      2 * (row * f.dilationHeight * f.inputRowStride + column * f.dilationWidth * f.inputPixelStride)
  }
}
