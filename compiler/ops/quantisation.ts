import type { DType } from '../ir/dtype.ts'
import { perTensor, type Tensor } from '../ir/graph.ts'
import type { Activation } from '../ir/operators.ts'
import { ensure } from './operator.ts'

/** A real factor: multiplier / 2^31 * 2^shift, multiplier in [2^30, 2^31) or 0. */
export interface Rescale {
  readonly multiplier: number
  readonly shift: number
}

/** Where a requantised value goes: the zero point is added, then it is clamped. */
export interface OutputRange {
  readonly zeroPoint: number
  readonly min: number
  readonly max: number
}

/** Smallest and largest value of the quantised types. */
export const dtypeRange: Readonly<Record<DType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-0x8000, 0x7fff],
  int32: [-0x80000000, 0x7fffffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  float32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
}

/** Rounds to the nearest integer, halves away from zero. */
function roundHalfAway(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5)
}

/** Splits x into fraction * 2^exponent with 0.5 <= |fraction| < 1. */
function frexp(x: number): { fraction: number; exponent: number } {
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1)
  let fraction = x * 2 ** -exponent
  // log2 is rounded, so near powers of two the exponent can be one off.
  for (; Math.abs(fraction) < 0.5; exponent--) fraction *= 2
  for (; Math.abs(fraction) >= 1; exponent++) fraction /= 2
  return { fraction, exponent }
}

/**
 * The nearest Q31 multiplier and shift of a real factor, as TFLite's QuantizeMultiplier finds them: halves away
 * from zero, factors below 2^-31 become 0. The multiplier has the factor's sign.
 * @throws OperatorMismatch for a factor that would shift everything out of 32 bits
 */
export function quantizeMultiplier(factor: number): Rescale {
  if (factor === 0) return { multiplier: 0, shift: 0 }
  ensure(Number.isFinite(factor), 'its scales give a factor that is not a finite number')
  const { fraction, exponent } = frexp(factor)
  const rounded = roundHalfAway(fraction * 2 ** 31)
  const carried = Math.abs(rounded) === 2 ** 31
  const multiplier = carried ? rounded / 2 : rounded
  const shift = carried ? exponent + 1 : exponent
  if (shift < -31) return { multiplier: 0, shift: 0 }
  ensure(shift <= 30, `its scales give a factor of ${factor}, more than 32-bit arithmetic can hold`)
  return { multiplier, shift }
}

/** Scale and zero point of a tensor that `check` found quantised as a whole. */
export function scaleOf(tensor: Tensor): { readonly scale: number; readonly zeroPoint: number } {
  const whole = perTensor(tensor)
  ensure(whole !== undefined, `its tensor "${tensor.name}" has no scale of its own`)
  return whole
}

/** The activation's limits in the tensor's integers, as TFLite's CalculateActivationRangeQuantized finds them. */
export function outputRange(tensor: Tensor, activation: Activation): OutputRange {
  const { scale, zeroPoint } = scaleOf(tensor)
  const [lowest, highest] = dtypeRange[tensor.dtype]
  const limits = { none: [], relu: [0], relu6: [0, 6], reluN1To1: [-1, 1] }[activation]
  // The quotient of two float32, rounded to float32 first: that is what the reference divides in.
  const [min, max] = limits.map((limit) => zeroPoint + roundHalfAway(Math.fround(limit / scale)))
  return { zeroPoint, min: Math.max(lowest, min ?? lowest), max: Math.min(highest, max ?? highest) }
}
