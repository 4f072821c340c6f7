/** The output stage on four channels at a time; see ../output-stage.ts for what it does. */
import { kernel } from '../../../sim/accel/simd/compile.ts'
import {
  type Kernel,
  lane,
  load,
  loadVector,
  type Scalar,
  scalar,
  type Variable,
  type Vector,
  vector,
} from '../../../sim/accel/simd/kernel.ts'
import { loadScaling, requantiseVector, SCALING_WORDS, writeScaling } from '../../../sim/accel/simd/requantise.ts'
import type { OutputFields } from '../output-stage.ts'
import { PARAMETER_BYTES } from '../parameters.ts'

const BIAS_WORDS = 4
const RECORD_WORDS = BIAS_WORDS + SCALING_WORDS
/** Bytes of the record that four channels share: biases, then their scaling. */
export const RECORD_BYTES = 4 * RECORD_WORDS

/** Arranges the parameters of `channels` channels at byte `from` into records at byte `to`. Shifts saturate at -31 and 30. */
export function arrangeParameters(words: Int32Array, from: number, channels: number, to: number): void {
  for (let channel = 0; channel < channels; channel++) {
    const source = (from + channel * PARAMETER_BYTES) >> 2
    const record = (to >> 2) + (channel >> 2) * RECORD_WORDS
    words[record + (channel & 3)] = words[source]!
    const shift = Math.max(-31, Math.min(30, words[source + 2]!))
    writeScaling(words, record + BIAS_WORDS, channel & 3, words[source + 1]!, shift)
  }
}

/** Vectors of the bounds and the zero point that results pass last. */
export interface Clamp {
  readonly low: Vector
  readonly high: Vector
  readonly zeroPoint: Vector
}

/** Clamp vectors from scalars: the bounds are those of the result before the zero point is added, so that nothing wraps. */
export function clampOf(k: Kernel, low: Scalar, high: Scalar, zeroPoint: Scalar): Clamp {
  const splat = (value: Scalar) => k.vector(vector('i32x4.splat', value))
  return { low: splat(low), high: splat(high), zeroPoint: splat(zeroPoint) }
}

/** The scalars that `clampOf` takes. */
export const boundsOf = (f: Pick<OutputFields, 'activationMin' | 'activationMax' | 'outputZeroPoint'>) =>
  [f.activationMin - f.outputZeroPoint, f.activationMax - f.outputZeroPoint, f.outputZeroPoint] as const

/** Four results between the bounds, as int32. */
export function clampVector(value: Vector, { low, high, zeroPoint }: Clamp): Vector {
  return vector('i32x4.add', vector('i32x4.max_s', vector('i32x4.min_s', value, high), low), zeroPoint)
}

/** Four int32 as the first four bytes. */
export function narrow(k: Kernel, value: Vector): Vector {
  const words = k.vector(vector('i16x8.narrow_i32x4_s', value, value))
  return k.vector(vector('i8x16.narrow_i16x8_s', words, words))
}

/** Stores the first `count` bytes, 1 to 4. */
export function storeUpToFour(k: Kernel, at: Variable<'i32'>, bytes: Vector, count: Scalar): void {
  k.if(
    scalar('gt_s', count, 3),
    () => k.storeFour(at, bytes),
    () => {
      const rest = k.scalar(lane(bytes, 0))
      const left = k.scalar(count)
      k.repeat(left, () => {
        k.storeByte(at, rest)
        k.set(rest, scalar('shr_u', rest, 8))
        k.increase(at, 1)
      })
    },
  )
}

const names = ['sums', 'apart', 'pixels', 'channels', 'records', 'outputTable', 'low', 'high', 'zeroPoint'] as const

/** Stores the results of `pixels` pixels, `channels` bytes each, at the addresses in the output table. */
export const finish = kernel(names, (k, p) => {
  const [sum, table, left, at, channel] = [k.scalar(), k.scalar(), k.scalar(), k.scalar(), k.scalar(0)]
  const clamp = clampOf(k, p.low, p.high, p.zeroPoint)
  k.doWhile(
    () => {
      const bias = k.vector(loadVector('v128.load', p.records))
      const scaling = loadScaling(k, p.records, 4 * BIAS_WORDS)
      k.set(sum, p.sums)
      k.set(table, p.outputTable)
      k.set(left, p.pixels)
      k.repeat(left, () => {
        const value = requantiseVector(k, vector('i32x4.add', loadVector('v128.load', sum), bias), scaling)
        k.set(at, scalar('add', load(table), channel))
        storeUpToFour(k, at, narrow(k, clampVector(value, clamp)), scalar('sub', p.channels, channel))
        k.increase(sum, p.apart)
        k.increase(table, 4)
      })
      k.increase(p.records, RECORD_BYTES)
      k.increase(p.sums, 16)
      k.increase(channel, 4)
    },
    () => scalar('lt_s', channel, p.channels),
  )
})
