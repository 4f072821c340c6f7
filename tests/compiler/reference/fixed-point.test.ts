import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  expOnNegativeValues,
  logistic,
  multiplyByQuantizedMultiplier,
  oneOverOnePlus,
  roundingDivideByPot,
  saturatingRoundingDoublingHighMul,
  tanh,
} from '../../../compiler/reference/fixed-point.ts'

const INT32_MAX = 2 ** 31 - 1
const INT32_MIN = -(2 ** 31)
const int32 = fc.oneof(fc.integer(), fc.constantFrom(INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX))

/** The definitions again, in whole numbers of any size. */
const exactHighMul = (a: bigint, b: bigint) => {
  const nudge = a * b >= 0n ? 1n << 30n : 1n - (1n << 30n)
  return (a * b + nudge) / (1n << 31n)
}
const exactDivide = (x: bigint, exponent: bigint) => {
  const half = exponent === 0n ? 0n : 1n << (exponent - 1n)
  const magnitude = ((x < 0n ? -x : x) + half) >> exponent
  return x < 0n ? -magnitude : magnitude
}

describe('gemmlowp arithmetic', () => {
  it('multiplies Q31 numbers as a 64-bit product with the rounding of its definition', () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => {
        fc.pre(!(a === INT32_MIN && b === INT32_MIN))
        expect(BigInt(saturatingRoundingDoublingHighMul(a, b))).toBe(exactHighMul(BigInt(a), BigInt(b)))
      }),
      { seed: 1 },
    )
  })

  it('saturates the one product that does not fit', () => {
    expect(saturatingRoundingDoublingHighMul(INT32_MIN, INT32_MIN)).toBe(INT32_MAX)
  })

  it('divides by powers of two to the nearest, halves away from zero', () => {
    expect([5, 6, 7, -5, -6, -7].map((x) => roundingDivideByPot(x, 2))).toEqual([1, 2, 2, -1, -2, -2])
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
        expect(BigInt(roundingDivideByPot(x, exponent))).toBe(exactDivide(BigInt(x), BigInt(exponent)))
      }),
      { seed: 1 },
    )
  })

  it('rounds twice: a sum of just under half is carried up by the first rounding', () => {
    // 0.4999...: the product rounds to 1 (of 2), which the shift rounds to 1; one rounding would give 0.
    const multiplier = INT32_MAX
    expect(multiplyByQuantizedMultiplier(1, multiplier, -1)).toBe(1)
    expect(Math.round((1 * multiplier) / 2 ** 32)).toBe(0)
  })

  it('shifts left before the product, wrapping like 32-bit hardware', () => {
    expect(multiplyByQuantizedMultiplier(3, 1 << 30, 1)).toBe(3)
    expect(multiplyByQuantizedMultiplier(1 << 30, 1 << 30, 2)).toBe(0)
  })
})

describe('fixed-point functions stay close to the real ones', () => {
  const q0 = (x: number) => x / 2 ** 31

  it('exp of negative Q5 values', () => {
    for (let a = -(2 ** 31); a < 0; a += 104_729 * 64) {
      expect(q0(expOnNegativeValues(a, 5))).toBeCloseTo(Math.exp(a / 2 ** 26), 6)
    }
    expect(expOnNegativeValues(0, 5)).toBe(INT32_MAX)
  })

  it('1 / (1 + x) for x in [0, 1)', () => {
    for (let a = 0; a < 2 ** 31; a += 104_729 * 64) expect(q0(oneOverOnePlus(a))).toBeCloseTo(1 / (1 + q0(a)), 7)
  })

  it('logistic and tanh of Q4 values, odd around their centres', () => {
    for (let a = -(2 ** 31) + 1; a < 2 ** 31; a += 104_729 * 64) {
      const x = a / 2 ** 27
      expect(q0(logistic(a, 4))).toBeCloseTo(1 / (1 + Math.exp(-x)), 6)
      expect(q0(tanh(a, 4))).toBeCloseTo(Math.tanh(x), 6)
      expect(tanh(-a, 4)).toBe(-tanh(a, 4))
    }
    expect(logistic(0, 4)).toBe(2 ** 30)
  })
})
