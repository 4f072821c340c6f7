/** POOL, sixteen (maximum) or eight (average) channels at a time; see ../commands/pool.ts for the arithmetic. */
import type { SharedMemory } from '../../../sim/accel/fast-effects.ts'
import { kernel } from '../../../sim/accel/simd/compile.ts'
import {
  constant,
  type Kernel,
  loadVector,
  shuffle,
  type Variable,
  type Vector,
  vector,
} from '../../../sim/accel/simd/kernel.ts'
import { loadScaling, requantiseVector, SCALING_WORDS, writeScaling } from '../../../sim/accel/simd/requantise.ts'
import type { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import { clip, type PoolFields, pool, poolKinds } from '../commands/pool.ts'
import type { CnnParameters } from '../parameters.ts'
import { outputRegion } from '../window.ts'
import type { Kernels } from './kernels.ts'
import { boundsOf, clampOf, clampVector } from './output-stage.ts'
import { endOf, pixelsApart } from './overlap.ts'

const window = ['input', 'rows', 'columns', 'rowStride', 'pixelStride', 'vectors', 'to'] as const
type Window = Readonly<Record<(typeof window)[number], Variable<'i32'>>>

/** Runs `take` on the address of every position of the window. */
function forWindow(k: Kernel, p: Window, take: (at: Variable<'i32'>) => void): void {
  const [row, at, rowsLeft, left] = [k.scalar(p.input), k.scalar(), k.scalar(p.rows), k.scalar()]
  k.repeat(rowsLeft, () => {
    k.set(at, row)
    k.set(left, p.columns)
    k.repeat(left, () => {
      take(at)
      k.increase(at, p.pixelStride)
    })
    k.increase(row, p.rowStride)
  })
}

/** Maxima of one window, stored in whole vectors of 16 channels. */
export const poolMax = kernel([...window, 'low', 'high'], (k, p) => {
  const low = k.vector(vector('i8x16.splat', p.low))
  const high = k.vector(vector('i8x16.splat', p.high))
  const best = k.vector()
  k.repeat(p.vectors, () => {
    k.set(best, constant(-0x7f7f_7f80))
    forWindow(k, p, (at) => k.set(best, vector('i8x16.max_s', best, loadVector('v128.load', at))))
    k.storeVector(p.to, vector('i8x16.min_s', vector('i8x16.max_s', best, low), high))
    k.increase(p.input, 16)
    k.increase(p.to, 16)
  })
})

const UPPER_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
const LOWER_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]

/**
 * value / count, half away from zero. The quotient of doubles is truncated right: a quotient of such
 * numbers that is no integer is further from one than a double's precision.
 */
function divide(k: Kernel, value: Vector, count: Vector, half: Vector): Vector {
  const sign = k.vector(vector('i32x4.shr_s', value, 31))
  const away = k.vector(vector('i32x4.sub', vector('v128.xor', half, sign), sign))
  const upper = (four: Vector) => shuffle(four, four, UPPER_HALF)
  const quotient = (two: Vector, nudge: Vector) => {
    const doubles = [two, nudge].map((v) => vector('f64x2.convert_low_i32x4_s', v)) as [Vector, Vector]
    return vector('i32x4.trunc_sat_f64x2_s_zero', vector('f64x2.div', vector('f64x2.add', ...doubles), count))
  }
  return shuffle(quotient(value, away), quotient(upper(value), upper(away)), LOWER_HALVES)
}

const averageNames = [...window, 'zeroInput', 'scaling', 'count', 'half', 'low', 'high', 'zeroPoint'] as const

/** Averages of one window, stored in whole vectors of 8 channels. */
export const poolAverage = kernel(averageNames, (k, p) => {
  const zero = k.vector(vector('i16x8.splat', p.zeroInput))
  const scaling = loadScaling(k, p.scaling)
  const count = k.vector(vector('f64x2.convert_low_i32x4_s', vector('i32x4.splat', p.count)))
  const half = k.vector(vector('i32x4.splat', p.half))
  const clamp = clampOf(k, p.low, p.high, p.zeroPoint)
  const [words, first, second] = [k.vector(), k.vector(), k.vector()]
  const average = (sum: Vector) =>
    k.vector(clampVector(k.vector(divide(k, requantiseVector(k, sum, scaling), count, half)), clamp))
  k.repeat(p.vectors, () => {
    k.set(first, constant(0))
    k.set(second, constant(0))
    forWindow(k, p, (at) => {
      k.set(words, vector('i16x8.sub', loadVector('v128.load8x8_s', at), zero))
      k.set(first, vector('i32x4.add', first, vector('i32x4.extend_low_i16x8_s', words)))
      k.set(second, vector('i32x4.add', second, vector('i32x4.extend_high_i16x8_s', words)))
    })
    k.set(words, vector('i16x8.narrow_i32x4_s', average(first), average(second)))
    k.storeVector(p.to, vector('i8x16.narrow_i16x8_s', words, words))
    k.increase(p.input, 8)
    k.increase(p.to, 8)
  })
})

export function poolUnit(kernels: Kernels, work: WorkMemory, { offsets }: SharedMemory, parameters: CnnParameters) {
  const act = offsets.act!

  return (f: PoolFields): boolean => {
    const inputEnd = endOf(pool.touches(f, parameters)[0]!)
    const disjoint = f.output >= inputEnd || f.input >= endOf(outputRegion(f, f.channels))
    if (!disjoint || !pixelsApart(f, f.channels)) return false
    work.clear()
    const scaling = work.take(4 * SCALING_WORDS)
    // Whole vectors are stored here, and then as many bytes as there are channels where they belong.
    const pixel = work.take(f.channels)
    if (work.exceeded) return false
    for (let lane = 0; lane < 4; lane++) writeScaling(work.words, scaling >> 2, lane, f.multiplier, f.shift)
    const bounds = boundsOf(f)
    for (let y = 0; y < f.outHeight; y++)
      for (let x = 0; x < f.outWidth; x++) {
        const rows = clip(y, f.strideHeight, f.padTop, f.kernelHeight, f.inHeight)
        const columns = clip(x, f.strideWidth, f.padLeft, f.kernelWidth, f.inWidth)
        const input = act + f.input + rows.from * f.inputRowStride + columns.from * f.inputPixelStride
        const [height, width] = [rows.to - rows.from, columns.to - columns.from]
        const { inputRowStride, inputPixelStride } = f
        if (f.kind === poolKinds.max) {
          const vectors = Math.ceil(f.channels / 16)
          const clamp = [f.activationMin, f.activationMax] as const
          kernels.poolMax(input, height, width, inputRowStride, inputPixelStride, vectors, pixel, ...clamp)
        } else {
          const vectors = Math.ceil(f.channels / 8)
          const places = [input, height, width, inputRowStride, inputPixelStride, vectors, pixel] as const
          const count = height * width
          kernels.poolAverage(...places, f.inputZeroPoint, scaling, count, count >> 1, ...bounds)
        }
        const to = act + f.output + y * f.outputRowStride + x * f.outputPixelStride
        work.bytes.copyWithin(to, pixel, pixel + f.channels)
      }
    return true
  }
}
