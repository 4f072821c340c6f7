import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doublingHighMultiply, requantise, shiftProblem } from '../../../sim/accel/requantise.ts'

const LOW = -(2 ** 31)
const HIGH = 2 ** 31 - 1
const int32 = fc.oneof(fc.integer({ min: LOW, max: HIGH }), fc.constantFrom(LOW, LOW + 1, -1, 0, 1, HIGH, 1 << 30))

/** gemmlowp's definition, step by step in exact integers; C++ division truncates. */
function definition(x: number, multiplier: number, shift: number): number {
  const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(shift, 0)))
  const product = shifted * BigInt(multiplier)
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n)
  const saturates = shifted === BigInt(LOW) && multiplier === LOW
  const high = saturates ? BigInt(HIGH) : (product + nudge) / (1n << 31n)
  const exponent = BigInt(Math.max(-shift, 0))
  const mask = (1n << exponent) - 1n
  const remainder = high & mask
  const threshold = (mask >> 1n) + (high < 0n ? 1n : 0n)
  return Number((high >> exponent) + (remainder > threshold ? 1n : 0n))
}

describe('requantise', () => {
  test('equals the definition in exact integers for every int32 and every shift', () => {
    fc.assert(
      fc.property(int32, int32, fc.integer({ min: -31, max: 30 }), (x, multiplier, shift) => {
        expect(requantise(x, multiplier, shift)).toBe(definition(x, multiplier, shift))
      }),
      { numRuns: 20_000, seed: 1 },
    )
  })

  test('multiplier 2^30 with shift 1 is the identity', () => {
    for (const x of [-8_388_608, -129, -1, 0, 1, 77, 1_000_000]) expect(requantise(x, 1 << 30, 1)).toBe(x)
  })

  test('rounds twice: 2^30 + 1 times one half, then by four, differs from a single rounding', () => {
    // 11 * 0.5 = 5.5 rounds to 6; 6 / 4 = 1.5 rounds to 2. In one step 11 / 8 = 1.375 would be 1.
    expect(requantise(11, 1 << 30, -2)).toBe(2)
  })

  test('saturates in its only overflow', () => {
    expect(doublingHighMultiply(LOW, LOW)).toBe(HIGH)
  })
})

test('shifts outside -31..30 are named', () => {
  expect(shiftProblem({ a: 30, b: -31 }, ['a', 'b'])).toBeUndefined()
  expect(shiftProblem({ a: 0, b: 31 }, ['a', 'b'])).toEqual({ field: 'b', message: 'must be -31 to 30' })
  expect(shiftProblem({ a: -32 }, ['a'])?.field).toBe('a')
})
