/**
 * `requantise` (see ../requantise.ts) on four int32 at a time, each with a multiplier and a shift of its own.
 *
 * WebAssembly shifts all lanes by the same count, so shifts are products with powers of two: the left
 * one in 32 bits, where it wraps as it must; the right one on magnitudes, unsigned in 64 bits, where
 * (|x| + half) * 2^(31 - e) >> 31 rounds half away from zero for every e of 0..31.
 */
import { constant, type Kernel, loadVector, type Scalar, shuffle, type Vector, vector } from './kernel.ts'

/** Four lanes of what scales a value. */
export interface Scaling {
  /** 2^max(shift, 0) */
  readonly left: Vector
  readonly multiplier: Vector
  /** Half of the divisor 2^max(-shift, 0), rounded down. */
  readonly half: Vector
  /** 2^(31 - max(-shift, 0)) */
  readonly power: Vector
}

/** Words of `Scaling` in memory: four lanes of each member in turn. */
export const SCALING_WORDS = 16

/** Writes the scaling of one lane; a record of four lanes begins at word `at`. */
export function writeScaling(words: Int32Array, at: number, lane: number, multiplier: number, shift: number): void {
  const right = Math.max(0, -shift)
  words[at + lane] = 1 << Math.max(0, shift)
  words[at + 4 + lane] = multiplier
  words[at + 8 + lane] = right === 0 ? 0 : 1 << (right - 1)
  words[at + 12 + lane] = 1 << (31 - right)
}

/** Loads a record that `writeScaling` wrote. */
export function loadScaling(k: Kernel, address: Scalar, offset = 0): Scaling {
  const part = (index: number) => k.vector(loadVector('v128.load', address, offset + 16 * index))
  return { left: part(0), multiplier: part(1), half: part(2), power: part(3) }
}

/** The 32 bits from bit 31 on of the four 64-bit numbers in `low` and `high`. */
function fromBit31(low: Vector, high: Vector): Vector {
  return shuffle(
    vector('i64x2.shr_u', low, 31),
    vector('i64x2.shr_u', high, 31),
    [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
  )
}

/** The requantised lanes of `x`, in a new variable. */
export function requantiseVector(k: Kernel, x: Vector, { left, multiplier, half, power }: Scaling): Vector {
  const value = k.vector(vector('i32x4.mul', x, left))
  // 2^30 in each 64-bit number, made from lanes 2^30, 0.
  const nudge = vector('i64x2.shr_u', constant(1 << 30), 32)
  const product = (part: 'low' | 'high') =>
    vector('i64x2.add', vector(`i64x2.extmul_${part}_i32x4_s`, value, multiplier), nudge)
  const high = k.vector(fromBit31(product('low'), product('high')))
  // -2^31 cannot come out but as the wrapped overflow of -2^31 * -2^31; flipping its bits saturates it.
  k.set(high, vector('v128.xor', high, vector('i32x4.eq', high, constant(-(2 ** 31)))))
  const sign = k.vector(vector('i32x4.shr_s', high, 31))
  const magnitude = k.vector(vector('i32x4.add', vector('i32x4.abs', high), half))
  const scaled = (part: 'low' | 'high') => vector(`i64x2.extmul_${part}_i32x4_u`, magnitude, power)
  const result = k.vector(fromBit31(scaled('low'), scaled('high')))
  k.set(result, vector('i32x4.sub', vector('v128.xor', result, sign), sign))
  return result
}
