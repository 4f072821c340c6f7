import type { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import type { OutputFields } from '../output-stage.ts'
import type { Kernel, Tile } from '../window.ts'
import { PANEL_CHANNELS } from './arrange.ts'
import type { Kernels } from './kernels.ts'
import { arrangeParameters, boundsOf, RECORD_BYTES } from './output-stage.ts'

/** The sums of a chunk should stay in a first-level cache. */
const CHUNK_BYTES = 16 * 1024
const CHUNK_PIXELS = 256

/** Products of `blocks` blocks of `pixels` pixels each; see multiply.ts for the tables. */
export type Products = (pixels: 4 | 1, table: number, blocks: number, sums: number, apart: number) => void
/** Sees the sums of `count` pixels from pixel `first` on before they are finished; false when they are no results yet. */
type Intermediate = (first: number, count: number, sums: number, apart: number) => boolean

export interface Chunked {
  readonly fields: Tile & Kernel & OutputFields
  /** Channels that are results, and channels that are summed. */
  readonly channels: number
  readonly columns: number
  /** Address of the input of the first pixel, and bytes of an input element there. */
  readonly input: number
  readonly elementBytes: number
  /** Addresses of the accelerator's memories. */
  readonly act: number
  readonly wgt: number
}

/** Takes the output pixels of a command chunk by chunk: sums, then the output stage. */
export class PixelChunks {
  private readonly kernels: Kernels
  private readonly work: WorkMemory

  constructor(kernels: Kernels, work: WorkMemory) {
    this.kernels = kernels
    this.work = work
  }

  /** @returns false, with nothing done, when working memory does not suffice */
  run(c: Chunked, products: () => Products, intermediate: Intermediate = () => true): boolean {
    const { work, kernels } = this
    const { fields: f, channels } = c
    const apart = Math.ceil(c.columns / PANEL_CHANNELS) * PANEL_CHANNELS * 4
    const chunk = Math.max(4, Math.min(CHUNK_PIXELS, Math.floor(CHUNK_BYTES / apart)) & ~3)
    const records = work.take(Math.ceil(channels / 4) * RECORD_BYTES)
    const inputTable = work.take(4 * chunk)
    const outputTable = work.take(4 * chunk)
    const sums = work.take(chunk * apart)
    if (work.exceeded) return false
    const multiply = products()
    arrangeParameters(work.words, c.wgt + f.parameters, channels, records)
    const bounds = boundsOf(f)
    const pixels = f.outHeight * f.outWidth
    for (let first = 0; first < pixels; first += chunk) {
      const count = Math.min(chunk, pixels - first)
      this.fillTables(c, first, count, inputTable, outputTable)
      const fours = count >> 2
      if (fours > 0) multiply(4, inputTable, fours, sums, apart)
      if (count > 4 * fours) multiply(1, inputTable + 16 * fours, count - 4 * fours, sums + 4 * fours * apart, apart)
      if (intermediate(first, count, sums, apart))
        kernels.finish(sums, apart, count, channels, records, outputTable, ...bounds)
    }
    return true
  }

  private fillTables(c: Chunked, first: number, count: number, inputTable: number, outputTable: number): void {
    const { fields: f, input, elementBytes } = c
    const { words } = this.work
    let y = Math.floor(first / f.outWidth)
    let x = first - y * f.outWidth
    for (let i = 0; i < count; i++) {
      const from = y * f.strideHeight * f.inputRowStride + x * f.strideWidth * f.inputPixelStride
      words[(inputTable >> 2) + i] = input + from * elementBytes
      words[(outputTable >> 2) + i] = c.act + f.output + y * f.outputRowStride + x * f.outputPixelStride
      if (++x === f.outWidth) {
        x = 0
        y++
      }
    }
  }
}
