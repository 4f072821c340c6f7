import { describe, expect, it } from 'vitest'
import { picorv32, picorv32Noshift, picorv32Small, picorv32Ws1 } from '../../../../sim/cpu/timing/picorv32.ts'
import { C_NOP, i, operandCycles, place } from './place.ts'

const nop = i('addi')
const CYCLE = 0xc00

/** Cycles of one instruction among others, on all four configurations. */
const onAll = (encoding: number) =>
  [picorv32, picorv32Noshift, picorv32Small, picorv32Ws1].map(
    (model) => model.instruction(place(0, encoding, nop, nop)).cycles,
  )

describe('cycles of picorv32, as measured on its RTL', () => {
  it.each([
    ['addi', i('addi', { rd: 5 }), [3, 3, 3, 4]],
    ['lw', i('lw', { rd: 5, rs1: 8 }), [5, 5, 5, 7]],
    ['sw', i('sw', { rs1: 8 }), [5, 5, 5, 7]],
    ['jal', i('jal', { imm: 4 }), [3, 3, 3, 4]],
    ['jalr', i('jalr', { rs1: 5 }), [6, 6, 6, 7]],
    ['mul', i('mul'), [6, 6, 40, 6]],
    ['mulh', i('mulh'), [6, 6, 72, 6]],
    ['div', i('div'), [40, 40, 40, 40]],
    ['rdcycle', i('csrrs', { rd: 5, imm: CYCLE }), [4, 4, 4, 4]],
    ['slli by 31', i('slli', { rd: 5, imm: 31 }), [3, 14, 14, 4]],
  ])('%s', (_name, encoding, cycles) => {
    expect(onAll(encoding)).toEqual(cycles)
  })

  it('shifts by registers in steps of four and one', () => {
    expect(picorv32Noshift.instruction(place(0, i('sll'), nop)).cycles).toBe(4)
    expect(operandCycles(picorv32Noshift, 'sll', 1, 14)).toBe(5)
    expect(operandCycles(picorv32, 'sll', 1, 14)).toBeUndefined()
  })

  it('fetches what the word before does not hold of the next instruction', () => {
    const cyclesBefore = (next: number) =>
      [picorv32, picorv32Ws1].map((m) => m.instruction(place(0, C_NOP, next)).cycles)
    expect(cyclesBefore(nop)).toEqual([4, 5])
    expect(cyclesBefore(C_NOP)).toEqual([3, 3])
  })

  it('hides that fetch, but not its second half, behind a long instruction', () => {
    const cyclesBefore = (next: number) => picorv32Ws1.instruction(place(2, i('mul'), next)).cycles
    expect(cyclesBefore(nop)).toBe(8)
    expect(cyclesBefore(C_NOP)).toBe(6)
  })

  it('fetches both words of a target that straddles them', () => {
    expect(picorv32.entry!(place(2, nop))).toBe(1)
    expect(picorv32Ws1.entry!(place(2, nop))).toBe(2)
    expect(picorv32.instruction(place(0, i('beq', { imm: 6 }), C_NOP, nop)).taken).toBe(3)
  })

  it('takes the wrong path for half an instruction when it fetches with wait states', () => {
    // The instruction after the branch has bits 17:16 both set: as if 32 more bits began in its upper half.
    const looksWide = i('addi', { rd: 5, rs1: 6 })
    const looksNarrow = i('addi', { rd: 5, rs1: 8 })
    const taken = (fallThrough: number) =>
      picorv32Ws1.instruction(place(0, i('beq', { imm: 10 }), fallThrough, C_NOP, C_NOP)).taken
    expect(taken(looksNarrow)).toBe(3)
    expect(taken(looksWide)).toBe(6)
  })
})
