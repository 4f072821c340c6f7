import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../../../compiler/ir/graph.ts'
import { outputRange, quantizeMultiplier } from '../../../compiler/ops/quantisation.ts'

const tensor = (scale: number, zeroPoint: number): Tensor => ({
  id: 0,
  name: 'x',
  shape: [1],
  dtype: 'int8',
  quantisation: { scales: [Math.fround(scale)], zeroPoints: [zeroPoint], axis: 0 },
})

describe('quantizeMultiplier', () => {
  it('splits a factor into 31 bits and a power of two', () => {
    expect(quantizeMultiplier(1)).toEqual({ multiplier: 2 ** 30, shift: 1 })
    expect(quantizeMultiplier(0.75)).toEqual({ multiplier: 0.75 * 2 ** 31, shift: 0 })
    expect(quantizeMultiplier(-0.1875)).toEqual({ multiplier: -0.75 * 2 ** 31, shift: -2 })
  })

  it('carries into the shift when rounding reaches 2^31', () => {
    expect(quantizeMultiplier(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, shift: 1 })
  })

  it('is within half a unit of the 31st bit of every factor', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -31, max: 2 ** 29, noNaN: true }), (factor) => {
        const { multiplier, shift } = quantizeMultiplier(factor)
        expect(multiplier).toBeGreaterThanOrEqual(2 ** 30)
        expect(multiplier).toBeLessThan(2 ** 31)
        expect(Math.abs((multiplier / 2 ** 31) * 2 ** shift - factor)).toBeLessThanOrEqual(2 ** (shift - 32))
      }),
      { seed: 1 },
    )
  })

  it('flushes what would shift every bit out, and refuses what would overflow', () => {
    expect(quantizeMultiplier(2 ** -33)).toEqual({ multiplier: 0, shift: 0 })
    expect(() => quantizeMultiplier(2 ** 31)).toThrow(/more than 32-bit arithmetic can hold/)
  })
})

describe('outputRange', () => {
  it('clamps where the activation does, in the integers of the tensor', () => {
    expect(outputRange(tensor(0.5, -100), 'none')).toEqual({ zeroPoint: -100, min: -128, max: 127 })
    expect(outputRange(tensor(0.5, -100), 'relu')).toEqual({ zeroPoint: -100, min: -100, max: 127 })
    expect(outputRange(tensor(0.5, -100), 'relu6')).toEqual({ zeroPoint: -100, min: -100, max: -88 })
    expect(outputRange(tensor(0.5, 3), 'reluN1To1')).toEqual({ zeroPoint: 3, min: 1, max: 5 })
  })

  it('rounds the limits half away from zero and never leaves int8', () => {
    expect(outputRange(tensor(4, 0), 'relu6').max).toBe(2)
    expect(outputRange(tensor(0.001, 0), 'relu6').max).toBe(127)
  })
})
