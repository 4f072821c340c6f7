import { PAIR_BYTES, PANEL_CHANNELS } from './arrange.ts'
import type { Kernels } from './kernels.ts'

/** How weights lie in the scratchpad: blocks of `width` columns; in each, `runs` times `rows` rows of `width` bytes. */
export interface WeightShape {
  /** All columns: a multiple of `width`. */
  readonly columns: number
  readonly width: number
  readonly runs: number
  readonly rows: number
}

/** Packs weights at byte `from` into panels at byte `to`: panel, run, pair, channel, two weights. */
export function packWeights(kernels: Kernels, from: number, { columns, width, runs, rows }: WeightShape, to: number) {
  const runBytes = ((rows + 1) >> 1) * PAIR_BYTES
  const panelBytes = runs * runBytes
  const step = width % 16 === 0 ? 16 : 4
  for (let column = 0; column < columns; column += step) {
    const inBlock = column % width
    const panel = to + Math.floor(column / PANEL_CHANNELS) * panelBytes + ((column % PANEL_CHANNELS) / 4) * 16
    for (let run = 0; run < runs; run++) {
      const source = from + (column - inBlock) * runs * rows + run * rows * width + inBlock
      const target = panel + run * runBytes
      if (step === 16) kernels.packSixteen(source, rows, width, target, panelBytes)
      else kernels.packFour(source, rows, width, target)
    }
  }
}
