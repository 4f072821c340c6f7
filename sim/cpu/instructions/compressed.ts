/**
 * C: 16-bit encodings of base instructions (RISC-V unprivileged ISA 20240411, chapter 26), RV32 without floating
 * point. A row says which base instruction a half-word stands for and where its operands are; hints expand to the
 * base instruction, which does nothing then. What no row takes is reserved and illegal.
 */
import { encode, type Operands } from './encode.ts'
import type { InstructionRow } from './row.ts'
import { instructionTable } from './table.ts'

export interface CompressedRow {
  readonly name: string
  /** A half-word `h` encodes this instruction when `(h & mask) === match` and `valid` agrees. */
  readonly match: number
  readonly mask: number
  /** Name of the base instruction. */
  readonly base: string
  readonly operands: (half: number) => Operands
  /** False for the encodings in this row's space that are reserved or belong to another row. */
  readonly valid?: (half: number) => boolean
}

const FUNCT3 = 0xe003
const ALU = 0xec03
const ALU_REGISTER = 0xfc63
const FUNCT4 = 0xf003

const sp = 2
const ra = 1

/** rd or rs1 in bits 11:7. */
const full = (h: number) => (h >>> 7) & 31
/** rs2 in bits 6:2. */
const second = (h: number) => (h >>> 2) & 31
/** x8-x15 in bits 9:7 and 4:2. */
const shortHigh = (h: number) => 8 + ((h >>> 7) & 7)
const shortLow = (h: number) => 8 + ((h >>> 2) & 7)

/** Gathers an immediate: each entry moves `width` bits from bit `from` of the half-word to bit `to`. */
const gather = (h: number, ...moves: readonly (readonly [from: number, to: number, width: number])[]) =>
  moves.reduce((value, [from, to, width]) => value | (((h >>> from) & ((1 << width) - 1)) << to), 0)
const signExtend = (value: number, bits: number) => (value << (32 - bits)) >> (32 - bits)

const immediate6 = (h: number) => signExtend(gather(h, [12, 5, 1], [2, 0, 5]), 6)
const shiftAmount = (h: number) => gather(h, [12, 5, 1], [2, 0, 5])
const upper = (h: number) => immediate6(h) << 12
const stackAdjust = (h: number) => signExtend(gather(h, [12, 9, 1], [6, 4, 1], [5, 6, 1], [3, 7, 2], [2, 5, 1]), 10)
const stackAddress = (h: number) => gather(h, [11, 4, 2], [7, 6, 4], [6, 2, 1], [5, 3, 1])
const wordOffset = (h: number) => gather(h, [10, 3, 3], [6, 2, 1], [5, 6, 1])
const stackLoad = (h: number) => gather(h, [12, 5, 1], [4, 2, 3], [2, 6, 2])
const stackStore = (h: number) => gather(h, [9, 2, 4], [7, 6, 2])
const jumpOffset = (h: number) =>
  signExtend(gather(h, [12, 11, 1], [11, 4, 1], [9, 8, 2], [8, 10, 1], [7, 6, 1], [6, 7, 1], [3, 1, 3], [2, 5, 1]), 12)
const branchOffset = (h: number) => signExtend(gather(h, [12, 8, 1], [10, 3, 2], [5, 6, 2], [3, 1, 2], [2, 5, 1]), 9)

/** Shift amounts of 32 and more are reserved in RV32. */
const shiftFits = (h: number) => shiftAmount(h) < 32

const arithmetic = (name: string, match: number): CompressedRow => ({
  name: `c.${name}`,
  match,
  mask: ALU_REGISTER,
  base: name,
  operands: (h) => ({ rd: shortHigh(h), rs1: shortHigh(h), rs2: shortLow(h) }),
})

export const compressedRows: readonly CompressedRow[] = [
  {
    name: 'c.addi4spn',
    match: 0x0000,
    mask: FUNCT3,
    base: 'addi',
    operands: (h) => ({ rd: shortLow(h), rs1: sp, imm: stackAddress(h) }),
    valid: (h) => stackAddress(h) !== 0,
  },
  {
    name: 'c.lw',
    match: 0x4000,
    mask: FUNCT3,
    base: 'lw',
    operands: (h) => ({ rd: shortLow(h), rs1: shortHigh(h), imm: wordOffset(h) }),
  },
  {
    name: 'c.sw',
    match: 0xc000,
    mask: FUNCT3,
    base: 'sw',
    operands: (h) => ({ rs1: shortHigh(h), rs2: shortLow(h), imm: wordOffset(h) }),
  },
  {
    name: 'c.addi',
    match: 0x0001,
    mask: FUNCT3,
    base: 'addi',
    operands: (h) => ({ rd: full(h), rs1: full(h), imm: immediate6(h) }),
  },
  { name: 'c.jal', match: 0x2001, mask: FUNCT3, base: 'jal', operands: (h) => ({ rd: ra, imm: jumpOffset(h) }) },
  { name: 'c.li', match: 0x4001, mask: FUNCT3, base: 'addi', operands: (h) => ({ rd: full(h), imm: immediate6(h) }) },
  {
    name: 'c.addi16sp',
    match: 0x6101,
    mask: 0xef83,
    base: 'addi',
    operands: (h) => ({ rd: sp, rs1: sp, imm: stackAdjust(h) }),
    valid: (h) => stackAdjust(h) !== 0,
  },
  {
    name: 'c.lui',
    match: 0x6001,
    mask: FUNCT3,
    base: 'lui',
    operands: (h) => ({ rd: full(h), imm: upper(h) }),
    valid: (h) => full(h) !== sp && upper(h) !== 0,
  },
  {
    name: 'c.srli',
    match: 0x8001,
    mask: ALU,
    base: 'srli',
    operands: (h) => ({ rd: shortHigh(h), rs1: shortHigh(h), imm: shiftAmount(h) }),
    valid: shiftFits,
  },
  {
    name: 'c.srai',
    match: 0x8401,
    mask: ALU,
    base: 'srai',
    operands: (h) => ({ rd: shortHigh(h), rs1: shortHigh(h), imm: shiftAmount(h) }),
    valid: shiftFits,
  },
  {
    name: 'c.andi',
    match: 0x8801,
    mask: ALU,
    base: 'andi',
    operands: (h) => ({ rd: shortHigh(h), rs1: shortHigh(h), imm: immediate6(h) }),
  },
  arithmetic('sub', 0x8c01),
  arithmetic('xor', 0x8c21),
  arithmetic('or', 0x8c41),
  arithmetic('and', 0x8c61),
  { name: 'c.j', match: 0xa001, mask: FUNCT3, base: 'jal', operands: (h) => ({ imm: jumpOffset(h) }) },
  {
    name: 'c.beqz',
    match: 0xc001,
    mask: FUNCT3,
    base: 'beq',
    operands: (h) => ({ rs1: shortHigh(h), imm: branchOffset(h) }),
  },
  {
    name: 'c.bnez',
    match: 0xe001,
    mask: FUNCT3,
    base: 'bne',
    operands: (h) => ({ rs1: shortHigh(h), imm: branchOffset(h) }),
  },
  {
    name: 'c.slli',
    match: 0x0002,
    mask: FUNCT3,
    base: 'slli',
    operands: (h) => ({ rd: full(h), rs1: full(h), imm: shiftAmount(h) }),
    valid: shiftFits,
  },
  {
    name: 'c.lwsp',
    match: 0x4002,
    mask: FUNCT3,
    base: 'lw',
    operands: (h) => ({ rd: full(h), rs1: sp, imm: stackLoad(h) }),
    valid: (h) => full(h) !== 0,
  },
  {
    name: 'c.jr',
    match: 0x8002,
    mask: 0xf07f,
    base: 'jalr',
    operands: (h) => ({ rs1: full(h) }),
    valid: (h) => full(h) !== 0,
  },
  {
    name: 'c.mv',
    match: 0x8002,
    mask: FUNCT4,
    base: 'add',
    operands: (h) => ({ rd: full(h), rs2: second(h) }),
    valid: (h) => second(h) !== 0,
  },
  { name: 'c.ebreak', match: 0x9002, mask: 0xffff, base: 'ebreak', operands: () => ({}) },
  {
    name: 'c.jalr',
    match: 0x9002,
    mask: 0xf07f,
    base: 'jalr',
    operands: (h) => ({ rd: ra, rs1: full(h) }),
    valid: (h) => full(h) !== 0,
  },
  {
    name: 'c.add',
    match: 0x9002,
    mask: FUNCT4,
    base: 'add',
    operands: (h) => ({ rd: full(h), rs1: full(h), rs2: second(h) }),
    valid: (h) => second(h) !== 0,
  },
  {
    name: 'c.swsp',
    match: 0xc002,
    mask: FUNCT3,
    base: 'sw',
    operands: (h) => ({ rs1: sp, rs2: second(h), imm: stackStore(h) }),
  },
]

/** Names of base instructions that have a 16-bit form. */
export const compressedBases: ReadonlySet<string> = new Set(compressedRows.map((row) => row.base))

const baseRow = (name: string): InstructionRow => instructionTable.find((row) => row.name === name)!
const bases = new Map(compressedRows.map((row) => [row.name, baseRow(row.base)]))

/** The row of a half-word, or undefined when it is reserved. */
export function compressedRow(half: number): CompressedRow | undefined {
  return compressedRows.find((row) => (half & row.mask) === row.match && (row.valid?.(half) ?? true))
}

/** The 32-bit encoding that a half-word stands for, or undefined when it is reserved. */
export function expandCompressed(half: number): number | undefined {
  const row = compressedRow(half)
  return row === undefined ? undefined : encode(bases.get(row.name)!, row.operands(half))
}
