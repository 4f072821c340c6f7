import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shapes, tensors } from '../../../sim/testing/arbitraries.ts'
import { placeArguments } from '../../../sim/testing/calling-convention.ts'
import { tensor } from '../../../sim/testing/index.ts'

describe('tensors', () => {
  it('hold what their type can hold, as many as their shape says', () => {
    expect(tensor('int8', [2, 2], [1, 2, 3, -128]).data).toEqual(Int8Array.of(1, 2, 3, -128))
    expect(tensor('int64', [1], [1n << 40n]).data).toEqual(BigInt64Array.of(1n << 40n))
    expect(tensor('float32', [], [0.1]).data[0]).toBe(Math.fround(0.1))
    expect(() => tensor('int8', [1], [128])).toThrow('element 0 is 128, which is no int8')
    expect(() => tensor('uint8', [3], [1, 2])).toThrow('[3] has 3 elements, 2 are given')
    expect(() => tensor('int7' as 'int8', [1])).toThrow(/^there is no element type int7; choose one of int8, uint8, /)
    expect(() => tensor('uint8', [-1])).toThrow('[-1] is no shape')
  })

  it('are compared element by element, and the difference can be read', () => {
    const expected = tensor('int8', [2, 2, 5])
    const actual = tensor(
      'int8',
      [2, 2, 5],
      Array.from({ length: 20 }, (_, i) => (i === 12 ? -7 : i > 15 ? 1 : 0)),
    )
    expect(() => expect(actual).toEqualTensor(expected)).toThrow(
      '5 of 20 elements of int8 [2, 2, 5] differ, by up to 7:\n  [1, 0, 2] is -7, not 0\n  [1, 1, 1] is 1, not 0',
    )
    expect(() => expect(actual).toEqualTensor(expected, { tolerance: 1 })).toThrow('1 of 20 elements')
    expect(actual).toEqualTensor(expected, { tolerance: 7 })
    expect(() => expect(actual).toEqualTensor(tensor('int8', [4, 5]))).toThrow('is int8 [2, 2, 5], not int8 [4, 5]')
    expect(() => expect(actual).not.toEqualTensor(actual)).toThrow('the tensors are equal')
  })

  it('of floats are equal when they are the same, NaN too', () => {
    const odd = tensor('float32', [2], [Number.NaN, -0])
    expect(odd).toEqualTensor(odd)
    expect(odd).not.toEqualTensor(tensor('float32', [2], [0, 0]), { tolerance: 1 })
  })

  it('of many elements list only the first differences', () => {
    const ones = tensor('int8', [100], new Int8Array(100).fill(1))
    expect(() => expect(ones).toEqualTensor(tensor('int8', [100]))).toThrow(/\[7\] is 1, not 0\n {2}and 92 more$/)
  })
})

describe('random tensors', () => {
  it('keep to shape and range', () => {
    const some = tensors('uint8', { shape: shapes({ minRank: 2, maxRank: 3, maxSize: 4 }), min: 3, max: 5 })
    const property = fc.property(some, ({ shape, data }) => {
      expect(shape.length).toBeOneOf([2, 3])
      expect(data.every((x) => x >= 3 && x <= 5)).toBe(true)
      expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
    })
    fc.assert(property, { seed: 1 })
  })

  it.each(['int8', 'uint16', 'int32', 'uint64', 'float32', 'float64'] as const)('can be %s', (dtype) => {
    const values = fc.sample(tensors(dtype, { shape: [8] }), { seed: 1, numRuns: 20 }).flatMap(({ data }) => [...data])
    expect(new Set(values).size).toBeGreaterThan(20)
  })

  it('shrink to little', () => {
    const { counterexample } = fc.check(
      fc.property(tensors('int8'), ({ data }) => data.every((x) => x < 9)),
      { seed: 1 },
    )
    expect(counterexample?.[0].data.filter((x) => x !== 0)).toEqual(Int8Array.of(9))
  })
})

describe('the calling convention', () => {
  it.each([
    ['eight words in registers', [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8], [9]],
    ['a pair in any two registers', [1, 2n ** 32n + 5n], [1, 5, 1], []],
    ['a pair split', [1, 2, 3, 4, 5, 6, 7, (9n << 32n) | 8n], [1, 2, 3, 4, 5, 6, 7, 8], [9]],
    ['a pair aligned on the stack', [1, 2, 3, 4, 5, 6, 7, 8, 9, 1n], [1, 2, 3, 4, 5, 6, 7, 8], [9, 0, 1, 0]],
  ])('puts %s', (_, values, registers, stack) => {
    expect(placeArguments(values)).toEqual({ registers, stack })
  })
})
