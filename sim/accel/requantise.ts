/**
 * The requantisation that every integer kernel of TFLite's reference path uses, and that the
 * accelerators' output stages implement: gemmlowp's two roundings.
 */
import type { FieldProblem } from './description.ts'

/**
 * x * multiplier * 2^(shift - 31), rounded twice: `x << max(shift, 0)` (wrapping), the saturating
 * rounding doubling high half of the product with the Q31 multiplier (half towards +infinity), then a
 * rounding right shift by max(-shift, 0) (half away from zero). Exact for all int32.
 */
export function requantise(x: number, multiplier: number, shift: number): number {
  const high = doublingHighMultiply(shift > 0 ? x << shift : x | 0, multiplier)
  return shift < 0 ? roundingShiftRight(high, -shift) : high
}

/** floor((a * b + 2^30) / 2^31), saturated: the only overflow is -2^31 * -2^31. */
export function doublingHighMultiply(a: number, b: number): number {
  // Halves of b keep every product below 2^53, where double arithmetic is exact.
  const low = a * (b & 0xffff) + 0x4000_0000
  const high = a * (b >> 16)
  const result = Math.floor((high + Math.floor(low / 0x1_0000)) / 0x8000)
  return result > 0x7fff_ffff ? 0x7fff_ffff : result | 0
}

/** x / 2^exponent, half away from zero; exponent 0..31. */
function roundingShiftRight(x: number, exponent: number): number {
  if (exponent === 0) return x
  const mask = exponent >= 31 ? 0x7fff_ffff : (1 << exponent) - 1
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0)
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0)
}

/** The shifts that `requantise` takes are -31..30. */
export function shiftProblem(
  fields: Readonly<Record<string, number>>,
  names: readonly string[],
): FieldProblem | undefined {
  const field = names.find((name) => fields[name]! < -31 || fields[name]! > 30)
  return field === undefined ? undefined : { field, message: 'must be -31 to 30' }
}
