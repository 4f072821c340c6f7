import { describe, expect, it } from 'vitest'
import { cv32e40p } from '../../../../sim/cpu/timing/cv32e40p.ts'
import { C_NOP, type Encoding, i, operandCycles, place } from './place.ts'

const MSCRATCH = 0x340
const MCYCLE = 0xb00

const timing = (...code: Encoding[]) => cv32e40p.instruction(place(0, ...code))
const cycles = (...code: Encoding[]) => timing(...code).cycles

const nop = i('addi')
const other = i('addi', { rd: 20, rs1: 20, imm: 1 })
const loadA0 = i('lw', { rd: 10, rs1: 8 })
const storeA0 = i('sw', { rs2: 10, rs1: 8 })
const addA0 = i('add', { rd: 10, rs1: 11, rs2: 12 })
const useA0 = i('add', { rd: 13, rs1: 11, rs2: 10 })
const mulhA0 = i('mulh', { rd: 10, rs1: 11, rs2: 12 })
const jumpThroughA0 = i('jalr', { rs1: 10 })
const jumpThroughA1 = i('jalr', { rs1: 11 })
const jump = i('jal', { imm: 4 })

describe('cycles of CV32E40P, as measured on its RTL', () => {
  it('waits one cycle for a load, also to overwrite its register', () => {
    expect(cycles(loadA0, other)).toBe(1)
    expect(cycles(loadA0, useA0)).toBe(2)
    expect(cycles(loadA0, addA0)).toBe(2)
    expect(cycles(loadA0, loadA0)).toBe(1)
  })

  it('waits for the register file before a jump through a register', () => {
    expect(cycles(addA0, jumpThroughA0)).toBe(2)
    expect(cycles(loadA0, jumpThroughA0)).toBe(3)
    expect(cycles(loadA0, other, jumpThroughA0)).toBe(2)
    expect(cycles(loadA0, i('mulh', { rd: 13 }), jumpThroughA0)).toBe(1)
  })

  it('hides the bubble of a jump behind a long instruction', () => {
    expect(cycles(mulhA0, other)).toBe(5)
    expect(cycles(mulhA0, jump)).toBe(4)
    expect(cycles(mulhA0, jumpThroughA1)).toBe(4)
    expect(cycles(mulhA0, jumpThroughA0)).toBe(6)
    expect(cycles(mulhA0, i('jal', { rd: 1, imm: 4 }), i('jalr', { rs1: 1 }))).toBe(5)
  })

  it('splits a misaligned access in two, unless a jump waits anyway', () => {
    expect(timing(storeA0, other).split).toBe(1)
    expect(timing(storeA0, jump).split).toBe(0)
    expect(timing(loadA0, jumpThroughA1).split).toBe(0)
    expect(timing(loadA0, jumpThroughA0).split).toBe(1)
  })

  it('divides in 3 cycles and one for each leading zero of the divisor', () => {
    expect(cycles(i('div'), other)).toBe(3)
    expect(operandCycles(cv32e40p, 'divu', 5, -1)).toBe(0)
    expect(operandCycles(cv32e40p, 'divu', 5, 0)).toBe(32)
    expect(operandCycles(cv32e40p, 'div', 5, -1)).toBe(31)
    expect(operandCycles(cv32e40p, 'div', 5, -0x8000_0000)).toBe(0)
    expect(operandCycles(cv32e40p, 'rem', 5, 7)).toBe(29)
  })

  it('fetches a target that straddles two words in one more cycle', () => {
    expect(cycles(i('jal', { imm: 6 }), C_NOP, nop)).toBe(3)
    expect(timing(i('beq', { imm: 8 }), nop, nop).taken).toBe(2)
    expect(timing(i('beq', { imm: 6 }), C_NOP, nop).taken).toBe(3)
  })

  it('flushes for fences and for CSRs with side effects', () => {
    expect(cycles(i('fence'), nop)).toBe(4)
    expect(cv32e40p.instruction(place(2, i('fence.i'), nop)).cycles).toBe(5)
    expect(cycles(i('csrrs', { rd: 5, imm: MCYCLE }), nop)).toBe(4)
    expect(cycles(i('csrrw', { rs1: 5, imm: MSCRATCH }), nop)).toBe(1)
  })

  it('reaches a trap handler in four cycles and is back in five', () => {
    expect(cycles(i('ecall')) + cv32e40p.trap).toBe(4)
    expect(cycles(i('mret'))).toBe(5)
  })
})
