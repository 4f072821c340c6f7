import { describe, expect, it } from 'vitest'
import { Constants } from '../../../compiler/codegen/constants.ts'

describe('constants', () => {
  it('stand aligned in one binary file that the assembly cuts into symbols', () => {
    const constants = new Constants()
    expect(constants.add('weights', Uint8Array.of(1, 2, 3))).toBe('weights')
    expect(constants.add('weights', Uint8Array.of(4))).toBe('weights_2')
    expect(constants.bytes).toBe(32)
    expect([...constants.binary()]).toEqual([1, 2, 3, ...Array(13).fill(0), 4, ...Array(15).fill(0)])
    const assembly = constants.assembly('model.bin')
    expect(assembly).toContain(
      '  .globl weights_2\n  .type weights_2, @object\nweights_2:\n  .incbin "model.bin", 16, 16\n  .size weights_2, 1\n',
    )
  })
})
