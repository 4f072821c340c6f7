import { describe, expect, it } from 'vitest'
import { ibex, ibexMaxperf } from '../../../../sim/cpu/timing/ibex.ts'
import { C_NOP, type Encoding, i, operandCycles, place } from './place.ts'

const MSCRATCH = 0x340
const MIE = 0x304

const loadA0 = i('lw', { rd: 10, rs1: 8 })
const useA0 = i('add', { rd: 11, rs1: 12, rs2: 10 })
const nop = i('addi')

/** Both configurations' cycles of the first instruction of `code`. */
function cycles(pc: number, ...code: Encoding[]): [small: number, maxperf: number] {
  const first = place(pc, ...code)
  return [ibex.instruction(first).cycles, ibexMaxperf.instruction(first).cycles]
}

/** The same for a taken branch. */
function taken(pc: number, ...code: Encoding[]): [small: number, maxperf: number] {
  const first = place(pc, ...code)
  const both = [ibex.instruction(first), ibexMaxperf.instruction(first)] as const
  return [both[0].cycles + both[0].taken!, both[1].cycles + both[1].taken!]
}

describe('cycles of Ibex, as measured on its RTL', () => {
  it('waits for memory in ID without the writeback stage', () => {
    expect(cycles(0, loadA0, nop)).toEqual([2, 1])
    expect(cycles(0, i('sw', { rs1: 8, rs2: 10 }), nop)).toEqual([2, 1])
  })

  it('waits for a loaded register with the writeback stage, but never for x0', () => {
    expect(cycles(0, loadA0, useA0)).toEqual([2, 2])
    expect(cycles(0, i('lw', { rd: 0, rs1: 8 }), i('add', { rd: 11 }))).toEqual([2, 1])
  })

  it('multiplies in steps or at once', () => {
    expect(cycles(0, i('mul', { rd: 10 }))).toEqual([3, 1])
    expect(cycles(0, i('mulhu', { rd: 10 }))).toEqual([4, 2])
  })

  it('divides in 37 cycles, and in 2 by zero', () => {
    expect(cycles(0, i('div', { rd: 10 }))).toEqual([2, 2])
    expect(operandCycles(ibex, 'div', 100, 7)).toBe(35)
    expect(operandCycles(ibex, 'div', 100, 0)).toBe(0)
  })

  it('fetches a target that straddles two words in one more cycle', () => {
    expect(cycles(0, i('jal', { imm: 4 }), nop)).toEqual([2, 2])
    expect(cycles(0, i('jal', { imm: 6 }), C_NOP, nop)).toEqual([3, 3])
    expect(taken(0, i('beq', { imm: 8 }), nop, nop)).toEqual([3, 2])
    expect(taken(0, i('beq', { imm: 6 }), C_NOP, nop)).toEqual([4, 3])
    expect(ibexMaxperf.entry!(place(2, nop))).toBe(1)
    expect(ibexMaxperf.entry!(place(2, C_NOP))).toBe(0)
  })

  it('runs straddling instructions at full speed in straight code', () => {
    expect(cycles(2, nop, nop)).toEqual([1, 1])
  })

  it('flushes after a CSR write, except where nothing depends on it', () => {
    expect(cycles(0, i('csrrw', { imm: MIE, rs1: 5 }))).toEqual([3, 3])
    expect(cycles(0, i('csrrs', { imm: MIE, rd: 5 }))).toEqual([1, 1])
    expect(cycles(0, i('csrrw', { imm: MSCRATCH, rs1: 5 }))).toEqual([1, 1])
  })

  it('reaches a trap handler two cycles after the trapping instruction and is back in three', () => {
    expect(ibexMaxperf.trap).toBe(2)
    expect(cycles(0, i('ecall'))).toEqual([1, 1])
    expect(cycles(0, i('mret'))).toEqual([3, 3])
  })
})
