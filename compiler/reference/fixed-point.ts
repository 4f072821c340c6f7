/**
 * 32-bit fixed-point arithmetic exactly as gemmlowp defines it, which is what TFLite's reference kernels compute
 * with: products of Q31 numbers rounded half up, then shifts rounded half away from zero (two roundings).
 * A "Qm" value has m integer bits and 31 - m fractional bits. Arguments and results are int32.
 */

const INT32_MAX = 0x7fffffff
const INT32_MIN = -0x80000000

/** round(a * b / 2^31), halves up; the one overflow, (-2^31)^2, saturates. */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX
  // A product of 62 bits is not exact in a double: b is taken in two halves, each product below 2^48.
  const high = a * (b >> 16)
  const low = a * (b & 0xffff)
  return Math.floor((high + Math.floor((low + 0x40000000) / 0x10000)) / 0x8000)
}

/** round(x / 2^exponent), halves away from zero; exponent 0..31. */
export function roundingDivideByPot(x: number, exponent: number): number {
  const mask = ~(-1 << exponent)
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0)
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0)
}

/** x * multiplier / 2^31 * 2^shift in TFLite's double rounding; a left shift comes first and wraps as in C. */
export function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): number {
  if (shift > 0) return saturatingRoundingDoublingHighMul(x << shift, multiplier)
  return roundingDivideByPot(saturatingRoundingDoublingHighMul(x, multiplier), -shift)
}

/** x * 2^exponent, saturated to int32. */
function saturatingShiftLeft(x: number, exponent: number): number {
  return Math.max(INT32_MIN, Math.min(INT32_MAX, x * 2 ** exponent))
}

/** exp(a) for a in [-1/4, 0), both Q0: the Taylor series of order 4 around -1/8. */
function expNearZero(a: number): number {
  const mul = saturatingRoundingDoublingHighMul
  const expMinusEighth = 1895147668
  const oneThird = 715827883
  const x = (a + (1 << 28)) | 0
  const x2 = mul(x, x)
  const x3 = mul(x2, x)
  const x4 = mul(x2, x2)
  const x3AndX4 = mul((roundingDivideByPot(x4, 2) + x3) | 0, oneThird)
  const higherTerms = roundingDivideByPot((x3AndX4 + x2) | 0, 1)
  return (expMinusEighth + mul(expMinusEighth, (x + higherTerms) | 0)) | 0
}

/** exp(-2^e) in Q0 for e = -2, -1, ... 4. */
const expOfPowers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242]

/** exp(a) in Q0 for a <= 0 in Q(integerBits), integerBits up to 5. */
export function expOnNegativeValues(a: number, integerBits: number): number {
  if (a === 0) return INT32_MAX
  const fractionalBits = 31 - integerBits
  const quarter = 1 << (fractionalBits - 2)
  const inQuarter = ((a & (quarter - 1)) - quarter) | 0
  let result = expNearZero(saturatingShiftLeft(inQuarter, integerBits))
  const remainder = (inQuarter - a) | 0
  for (const [index, factor] of expOfPowers.entries()) {
    const exponent = index - 2
    if (integerBits > exponent && (remainder & (1 << (fractionalBits + exponent))) !== 0) {
      result = saturatingRoundingDoublingHighMul(result, factor)
    }
  }
  return result
}

/** 2 / (1 + a) in Q2 for a in [0, 1) in Q0, by three Newton-Raphson steps on half the denominator. */
function twiceReciprocalOfOnePlus(a: number): number {
  const mul = saturatingRoundingDoublingHighMul
  const q2One = 1 << 29
  const fortyEightSeventeenths = 1515870810
  const minusThirtyTwoSeventeenths = -1010580540
  // (a + 1) / 2 rounded; the sum of two non-negative int32 fits a double.
  const halfDenominator = Math.floor((a + INT32_MAX + 1) / 2)
  let x = (fortyEightSeventeenths + mul(halfDenominator, minusThirtyTwoSeventeenths)) | 0
  for (let step = 0; step < 3; step++) {
    const error = (q2One - mul(halfDenominator, x)) | 0
    x = (x + saturatingShiftLeft(mul(x, error), 2)) | 0
  }
  return x
}

/** 1 / (1 + a) in Q0 for a in [0, 1) in Q0. */
export function oneOverOnePlus(a: number): number {
  return saturatingShiftLeft(twiceReciprocalOfOnePlus(a), 1)
}

/** (1 - a) / (1 + a) in Q0 for a in [0, 1) in Q0. */
function oneMinusOverOnePlus(a: number): number {
  return saturatingShiftLeft((twiceReciprocalOfOnePlus(a) - (1 << 29)) | 0, 2)
}

/** 1 / (1 + exp(-a)) in Q0 for a in Q(integerBits). */
export function logistic(a: number, integerBits: number): number {
  if (a === 0) return 1 << 30
  const positive = oneOverOnePlus(expOnNegativeValues(a > 0 ? -a : a, integerBits))
  return a > 0 ? positive : INT32_MAX - positive
}

/** tanh(a) in Q0 for a in Q(integerBits), integerBits up to 4. */
export function tanh(a: number, integerBits: number): number {
  if (a === 0) return 0
  const t = oneMinusOverOnePlus(expOnNegativeValues(a < 0 ? a : -a, integerBits + 1))
  return a < 0 ? -t : t
}
