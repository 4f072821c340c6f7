import { describe, expect, it } from 'vitest'
import { Decoder } from '../../../../sim/cpu/decoder.ts'
import { instructionTable } from '../../../../sim/cpu/instructions/table.ts'
import { groupAccesses } from '../../../../sim/cpu/translator/access-groups.ts'
import { asm } from '../../guest.ts'

const decoder = new Decoder(new Set(['i', 'm', 'zicsr', 'zifencei']))
const accessesOf = (...words: number[]) =>
  groupAccesses(
    words.map((word, n) => ({
      decoded: decoder.decode(word)!,
      pc: n * 4,
      cycles: 1,
      taken: 0,
      operandCycles: undefined,
    })),
  )
const groupsOf = (...words: number[]) =>
  new Map([...accessesOf(...words)].map(([index, { group }]) => [index, group] as const))

describe('access groups', () => {
  it('relies on every load and store computing rs1 + imm', () => {
    for (const { name, effect } of instructionTable) {
      if (effect.kind !== 'load' && effect.kind !== 'store') continue
      const sum = { kind: 'binary', operator: 'add', a: { kind: 'rs1' }, b: { kind: 'imm' } }
      expect(effect.address, name).toEqual(sum)
    }
  })

  it('checks a stack frame at once', () => {
    const groups = groupsOf(
      asm('sw', { rs1: 2, rs2: 1, imm: 12 }),
      asm('sw', { rs1: 2, rs2: 8, imm: 8 }),
      asm('lw', { rd: 9, rs1: 2, imm: 20 }),
    )
    expect(new Set(groups.values()).size).toBe(1)
    expect(groups.get(0)).toEqual({ low: 8, span: 16, alignment: 4, stores: { first: 8, last: 15, at: 0 } })
  })

  it('checks anew once the register has changed, by a load through itself too', () => {
    const groups = groupsOf(
      asm('lw', { rd: 5, rs1: 5 }),
      asm('lw', { rd: 6, rs1: 5 }),
      asm('lw', { rd: 7, rs1: 5, imm: 4 }),
    )
    expect(groups.get(0)).not.toBe(groups.get(1))
    expect(groups.get(1)).toBe(groups.get(2))
  })

  it('keeps apart what is aligned differently, and begins at an aligned byte', () => {
    const words = groupsOf(asm('lw', { rs1: 5, imm: 0 }), asm('lw', { rs1: 5, imm: 2 }))
    expect(words.get(0)).not.toBe(words.get(1))
    const mixed = groupsOf(asm('lbu', { rd: 6, rs1: 5, imm: 1 }), asm('lw', { rd: 7, rs1: 5, imm: 4 }))
    expect(mixed.get(0)).toEqual({ low: 0, span: 8, alignment: 4, stores: undefined })
  })

  it('checks stores together only where two lines of memory hold them', () => {
    const groups = groupsOf(
      asm('sw', { rs1: 5, imm: 0 }),
      asm('sw', { rs1: 5, imm: 60 }),
      asm('sw', { rs1: 5, imm: 64 }),
    )
    expect(groups.get(0)).toBe(groups.get(1))
    expect(groups.get(0)).not.toBe(groups.get(2))
  })

  it('follows a pointer that moves on', () => {
    const round = [
      asm('lw', { rd: 6, rs1: 5, imm: 8 }),
      asm('addi', { rd: 5, rs1: 5, imm: 4 }),
      asm('sw', { rs1: 5, rs2: 6, imm: 0 }),
    ]
    const accesses = accessesOf(...round, ...round)
    const group = { low: 4, span: 12, alignment: 4, stores: { first: 4, last: 11, at: 2 } }
    expect([...accesses]).toEqual([
      [0, { group, offset: 8, moved: 0 }],
      [2, { group, offset: 4, moved: 4 }],
      [3, { group, offset: 12, moved: 4 }],
      [5, { group, offset: 8, moved: 8 }],
    ])
  })

  it('checks anew when the pointer is moved by another register', () => {
    const groups = groupsOf(
      asm('lw', { rd: 6, rs1: 5 }),
      asm('addi', { rd: 5, rs1: 7, imm: 4 }),
      asm('lw', { rd: 6, rs1: 5 }),
    )
    expect(groups.get(0)).not.toBe(groups.get(2))
  })
})
