import { describe, expect, it } from 'vitest'
import { compressedRow, compressedRows, expandCompressed } from '../../../sim/cpu/instructions/compressed.ts'
import { asm, exit, guest, START } from '../guest.ts'

/** Encodings with what an assembler says they stand for; at least one for every row. */
const vectors: readonly (readonly [name: string, half: number, expanded: number])[] = [
  ['c.addi4spn', 0x0808, asm('addi', { rd: 10, rs1: 2, imm: 16 })],
  ['c.addi4spn', 0x1fe4, asm('addi', { rd: 9, rs1: 2, imm: 1020 })],
  ['c.lw', 0x41c8, asm('lw', { rd: 10, rs1: 11, imm: 4 })],
  ['c.lw', 0x5de8, asm('lw', { rd: 10, rs1: 11, imm: 124 })],
  ['c.sw', 0xc1c8, asm('sw', { rs1: 11, rs2: 10, imm: 4 })],
  ['c.addi', 0x157d, asm('addi', { rd: 10, rs1: 10, imm: -1 })],
  ['c.addi', 0x0001, asm('addi')],
  ['c.jal', 0x3ffd, asm('jal', { rd: 1, imm: -2 })],
  ['c.jal', 0x2001, asm('jal', { rd: 1, imm: 0 })],
  ['c.li', 0x557d, asm('addi', { rd: 10, imm: -1 })],
  ['c.addi16sp', 0x7139, asm('addi', { rd: 2, rs1: 2, imm: -64 })],
  ['c.addi16sp', 0x6141, asm('addi', { rd: 2, rs1: 2, imm: 16 })],
  ['c.lui', 0x757d, asm('lui', { rd: 10, imm: 0xffff_f000 })],
  ['c.lui', 0x6505, asm('lui', { rd: 10, imm: 0x1000 })],
  ['c.srli', 0x817d, asm('srli', { rd: 10, rs1: 10, imm: 31 })],
  ['c.srai', 0x857d, asm('srai', { rd: 10, rs1: 10, imm: 31 })],
  ['c.andi', 0x997d, asm('andi', { rd: 10, rs1: 10, imm: -1 })],
  ['c.sub', 0x8d0d, asm('sub', { rd: 10, rs1: 10, rs2: 11 })],
  ['c.xor', 0x8d2d, asm('xor', { rd: 10, rs1: 10, rs2: 11 })],
  ['c.or', 0x8d4d, asm('or', { rd: 10, rs1: 10, rs2: 11 })],
  ['c.and', 0x8d6d, asm('and', { rd: 10, rs1: 10, rs2: 11 })],
  ['c.j', 0xbffd, asm('jal', { imm: -2 })],
  ['c.beqz', 0xdd7d, asm('beq', { rs1: 10, imm: -2 })],
  ['c.bnez', 0xed11, asm('bne', { rs1: 10, imm: 28 })],
  ['c.slli', 0x057e, asm('slli', { rd: 10, rs1: 10, imm: 31 })],
  ['c.lwsp', 0x4532, asm('lw', { rd: 10, rs1: 2, imm: 12 })],
  ['c.lwsp', 0x50fe, asm('lw', { rd: 1, rs1: 2, imm: 252 })],
  ['c.jr', 0x8082, asm('jalr', { rs1: 1 })],
  ['c.mv', 0x852e, asm('add', { rd: 10, rs2: 11 })],
  ['c.ebreak', 0x9002, asm('ebreak')],
  ['c.jalr', 0x9502, asm('jalr', { rd: 1, rs1: 10 })],
  ['c.add', 0x952e, asm('add', { rd: 10, rs1: 10, rs2: 11 })],
  ['c.swsp', 0xc62a, asm('sw', { rs1: 2, rs2: 10, imm: 12 })],
]

describe('expansion', () => {
  it('has vectors for every row', () => {
    expect([...new Set(vectors.map(([name]) => name))].sort()).toEqual(compressedRows.map((row) => row.name).sort())
  })

  it.each(vectors)('%s', (name, half, expanded) => {
    expect(compressedRow(half)?.name).toBe(name)
    expect(expandCompressed(half)).toBe(expanded)
  })

  it.each([
    ['zero', 0x0000],
    ['c.addi4spn of nothing', 0x0008],
    ['c.addi16sp of nothing', 0x6101],
    ['c.lui of nothing', 0x6501],
    ['c.slli by 32', 0x1502],
    ['c.srli by 32', 0x9101],
    ['c.lwsp to x0', 0x4002],
    ['c.jr to x0', 0x8002],
    ['c.subw', 0x9d0d],
    ['floating point', 0x2000],
  ])('%s is reserved', (_, half) => expect(expandCompressed(half)).toBeUndefined())

  it('gives every half-word to one row at most', () => {
    for (let half = 0; half < 0x10000; half++) {
      if ((half & 3) === 3) continue
      const rows = compressedRows.filter((row) => (half & row.mask) === row.match && (row.valid?.(half) ?? true))
      // c.mv and c.add have no rs2 of x0, where c.jr, c.jalr and c.ebreak are.
      expect(rows.length).toBeLessThanOrEqual(1)
    }
  })
})

describe('execution', () => {
  const pack = (...halves: number[]) =>
    Array.from({ length: Math.ceil(halves.length / 2) }, (_, i) => halves[2 * i]! | ((halves[2 * i + 1] ?? 1) << 16))
  const NOP = 0x0001

  it('links to the instruction that follows, two bytes on', () => {
    const machine = guest(pack(NOP, 0x2011, NOP, NOP, NOP, NOP), { isa: 'rv32imc' })
    machine.run({ maxInstructions: 2 })
    expect(machine.hart.x[1]! >>> 0).toBe(START + 4)
    expect(machine.hart.pc).toBe(START + 2 + 4)
  })

  it('runs 32-bit instructions at half-word addresses', () => {
    const word = asm('addi', { rd: 5, imm: 0x123 })
    const machine = guest([...pack(NOP, word & 0xffff, word >>> 16, NOP), ...exit], { isa: 'rv32imc' })
    expect(machine.run()).toMatchObject({ reason: 'exit', instructions: 3 + exit.length })
    expect(machine.hart.x[5]).toBe(0x123)
  })

  it('jumps to half-words', () => {
    const machine = guest([asm('jal', { rd: 1, imm: 6 }), ...pack(0, NOP), ...exit], { isa: 'rv32imc' })
    expect(machine.run().reason).toBe('exit')
  })

  it('a fetch fault of the second half names its address', () => {
    const end = START + (16 << 20)
    const machine = guest([], { isa: 'rv32imc' })
    machine.writeMemory(end - 2, Uint8Array.of(0x13, 0))
    machine.hart.pc = end - 2
    machine.run({ maxCycles: 1 })
    expect([machine.hart.csrs.read(0x341) >>> 0, machine.hart.csrs.read(0x343) >>> 0]).toEqual([end - 2, end])
  })
})
