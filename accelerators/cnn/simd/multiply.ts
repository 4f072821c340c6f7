/**
 * Kernels that sum products for blocks of `pixels` output pixels and panels of eight channels. The pixel
 * table holds the addresses of their inputs. Sums stand as [pixel][channel of all panels], int32;
 * pixels are `apart` bytes from each other.
 */
import { kernel } from '../../../sim/accel/simd/compile.ts'
import {
  type Kernel,
  load,
  loadVector,
  scalar,
  shuffle,
  type Variable,
  type Vector,
  vector,
} from '../../../sim/accel/simd/kernel.ts'
import { PAIR_BYTES } from './arrange.ts'

const PANEL_SUM_BYTES = 32

/** Two vectors of sums, the channels of a panel, for each pixel of a block; they live in registers. */
class Sums {
  private readonly k: Kernel
  private readonly vectors: readonly Variable<'v128'>[]

  constructor(k: Kernel, pixels: number) {
    this.k = k
    this.vectors = Array.from({ length: 2 * pixels }, () => k.vector())
  }

  clear(): void {
    for (const sum of this.vectors) this.k.set(sum, vector('i32x4.splat', 0))
  }

  /** Adds products of pairs to half a panel of one pixel. */
  add(pixel: number, half: number, inputs: Vector, weights: Vector): void {
    const sum = this.vectors[2 * pixel + half]!
    this.k.set(sum, vector('i32x4.add', sum, vector('i32x4.dot_i16x8_s', inputs, weights)))
  }

  /** Stores all at `at`, which moves on by a block. */
  store(at: Variable<'i32'>, apart: Variable<'i32'>): void {
    for (const [index, sum] of this.vectors.entries()) {
      this.k.storeVector(at, sum, (index % 2) * 16)
      if (index % 2 === 1) this.k.increase(at, apart)
    }
  }
}

const common = ['pixelTable', 'blocks', 'weights', 'panels', 'sums', 'apart'] as const
type Common = Readonly<Record<(typeof common)[number], Variable<'i32'>>>

/**
 * Writes the loops over panels and, inside, blocks of pixels.
 * @param sum adds the products of the block at `table` in the pixel table; leaves `weight` behind the panel
 */
function forBlocks(
  k: Kernel,
  pixels: number,
  { pixelTable, blocks, weights, panels, sums, apart }: Common,
  sum: (table: Variable<'i32'>, weight: Variable<'i32'>, total: Sums) => void,
): void {
  const total = new Sums(k, pixels)
  const [table, weight, at, left] = [k.scalar(), k.scalar(), k.scalar(), k.scalar()]
  k.repeat(panels, () => {
    k.set(table, pixelTable)
    k.set(at, sums)
    k.set(left, blocks)
    k.repeat(left, () => {
      total.clear()
      k.set(weight, weights)
      sum(table, weight, total)
      total.store(at, apart)
      k.increase(table, 4 * pixels)
    })
    k.set(weights, weight)
    k.increase(sums, PANEL_SUM_BYTES)
  })
}

/**
 * Dense products. Inputs are int16; the run table holds the byte offsets of contiguous runs of `pairs`
 * pairs. With four pixels all sums stay in registers, and a pair costs two loads of weights and four of inputs
 * for 64 products.
 */
export const multiply = (pixels: number) =>
  kernel([...common, 'runTable', 'runs', 'pairs'], (k, p) => {
    const inputs = Array.from({ length: pixels }, () => k.scalar())
    const [run, runsLeft, pairsLeft] = [k.scalar(), k.scalar(), k.scalar()]
    const [input, first, second] = [k.vector(), k.vector(), k.vector()]
    forBlocks(k, pixels, p, (table, weight, total) => {
      k.set(run, p.runTable)
      k.set(runsLeft, p.runs)
      k.repeat(runsLeft, () => {
        for (const [pixel, at] of inputs.entries()) k.set(at, scalar('add', load(table, 4 * pixel), load(run)))
        k.increase(run, 4)
        k.set(pairsLeft, p.pairs)
        k.repeat(pairsLeft, () => {
          k.set(first, loadVector('v128.load', weight))
          k.set(second, loadVector('v128.load', weight, 16))
          k.increase(weight, PAIR_BYTES)
          for (const [pixel, at] of inputs.entries()) {
            k.set(input, loadVector('v128.load32_splat', at))
            k.increase(at, 4)
            total.add(pixel, 0, input, first)
            total.add(pixel, 1, input, second)
          }
        })
      })
    })
  })

const LOW_WORDS = [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23]
const HIGH_WORDS = LOW_WORDS.map((byte) => byte + 8)

/**
 * Depthwise products. Inputs are bytes; the tap table holds the byte offsets of the taps of a window, an
 * even number of them, and a panel reads its eight channels there.
 */
export const multiplyDepthwise = (pixels: number) =>
  kernel([...common, 'tapTable', 'pairs'], (k, p) => {
    const [tap, pairsLeft, at, one, other] = [k.scalar(), k.scalar(), k.scalar(), k.scalar(), k.scalar()]
    const channel = k.scalar(0)
    const [first, second, a, b] = [k.vector(), k.vector(), k.vector(), k.vector()]
    const panelsLeft = k.scalar(p.panels)
    forBlocks(k, pixels, p, (table, weight, total) => {
      // `panels` counts down while the channels count up.
      k.set(channel, scalar('shl', scalar('sub', panelsLeft, p.panels), 3))
      k.set(tap, p.tapTable)
      k.set(pairsLeft, p.pairs)
      k.repeat(pairsLeft, () => {
        k.set(one, scalar('add', load(tap), channel))
        k.set(other, scalar('add', load(tap, 4), channel))
        k.increase(tap, 8)
        k.set(first, loadVector('v128.load', weight))
        k.set(second, loadVector('v128.load', weight, 16))
        k.increase(weight, PAIR_BYTES)
        for (let pixel = 0; pixel < pixels; pixel++) {
          k.set(at, load(table, 4 * pixel))
          k.set(a, loadVector('v128.load8x8_s', scalar('add', at, one)))
          k.set(b, loadVector('v128.load8x8_s', scalar('add', at, other)))
          total.add(pixel, 0, shuffle(a, b, LOW_WORDS), first)
          total.add(pixel, 1, shuffle(a, b, HIGH_WORDS), second)
        }
      })
    })
  })
