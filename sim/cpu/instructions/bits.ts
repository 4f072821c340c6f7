/** B: address generation, basic and single-bit manipulation (RISC-V unprivileged ISA 20240411, chapter 28). */
import { type Extension, type InstructionRow, row } from './row.ts'
import {
  add,
  and,
  clz,
  constant,
  ctz,
  type Expression,
  imm,
  maxS,
  maxU,
  minS,
  minU,
  mul,
  or,
  popcnt,
  rotl,
  rotr,
  rs1,
  rs2,
  set,
  shl,
  shrS,
  shrU,
  xor,
} from './semantics.ts'

const OP = 0x33
const OP_IMM = 0x13

const binary = (extension: Extension) => (name: string, funct3: number, funct7: number, value: Expression) =>
  row(name, extension, 'R', { opcode: OP, funct3, funct7 }, 'alu', set(value))
const immediate = (extension: Extension) => (name: string, funct3: number, funct7: number, value: Expression) =>
  row(name, extension, 'shift', { opcode: OP_IMM, funct3, funct7 }, 'alu', set(value))
/** The rs2 field tells instructions with one operand apart. */
const unary = (name: string, funct3: number, funct7: number, rs2: number, value: Expression, opcode = OP_IMM) =>
  row(name, 'zbb', 'unary', { opcode, funct3, funct7, rs2 }, 'alu', set(value))

const not = (value: Expression) => xor(value, constant(-1))
const signExtend = (value: Expression, bits: number) => shrS(shl(value, constant(32 - bits)), constant(32 - bits))

/** rs1 scaled and added to an address. */
const scaled = (shift: number) => add(shl(rs1, constant(shift)), rs2)
/** Adding 0x7f carries any lower one of a byte into its top bit. */
const LOWER = constant(0x7f7f_7f7f)
const topIfAny = and(or(add(and(rs1, LOWER), LOWER), rs1), constant(0x8080_8080 | 0))
/** 0xff for each byte that is not zero. */
const bytesOfAny = mul(shrU(topIfAny, constant(7)), constant(0xff))
const bytesReversed = or(
  and(rotl(rs1, constant(8)), constant(0x00ff_00ff)),
  and(rotr(rs1, constant(8)), constant(0xff00_ff00 | 0)),
)
const bit = (index: Expression) => shl(constant(1), index)

const a = binary('zba')
export const addressRows: readonly InstructionRow[] = [
  a('sh1add', 2, 0x10, scaled(1)),
  a('sh2add', 4, 0x10, scaled(2)),
  a('sh3add', 6, 0x10, scaled(3)),
]

const b = binary('zbb')
export const basicBitRows: readonly InstructionRow[] = [
  b('andn', 7, 0x20, and(rs1, not(rs2))),
  b('orn', 6, 0x20, or(rs1, not(rs2))),
  b('xnor', 4, 0x20, not(xor(rs1, rs2))),
  unary('clz', 1, 0x30, 0, clz(rs1)),
  unary('ctz', 1, 0x30, 1, ctz(rs1)),
  unary('cpop', 1, 0x30, 2, popcnt(rs1)),
  unary('sext.b', 1, 0x30, 4, signExtend(rs1, 8)),
  unary('sext.h', 1, 0x30, 5, signExtend(rs1, 16)),
  unary('zext.h', 4, 0x04, 0, and(rs1, constant(0xffff)), OP),
  b('min', 4, 0x05, minS(rs1, rs2)),
  b('minu', 5, 0x05, minU(rs1, rs2)),
  b('max', 6, 0x05, maxS(rs1, rs2)),
  b('maxu', 7, 0x05, maxU(rs1, rs2)),
  b('rol', 1, 0x30, rotl(rs1, rs2)),
  b('ror', 5, 0x30, rotr(rs1, rs2)),
  immediate('zbb')('rori', 5, 0x30, rotr(rs1, imm)),
  unary('orc.b', 5, 0x14, 7, bytesOfAny),
  unary('rev8', 5, 0x34, 0x18, bytesReversed),
]

const s = binary('zbs')
const si = immediate('zbs')
export const singleBitRows: readonly InstructionRow[] = [
  s('bclr', 1, 0x24, and(rs1, not(bit(rs2)))),
  s('bext', 5, 0x24, and(shrU(rs1, rs2), constant(1))),
  s('binv', 1, 0x34, xor(rs1, bit(rs2))),
  s('bset', 1, 0x14, or(rs1, bit(rs2))),
  si('bclri', 1, 0x24, and(rs1, not(bit(imm)))),
  si('bexti', 5, 0x24, and(shrU(rs1, imm), constant(1))),
  si('binvi', 1, 0x34, xor(rs1, bit(imm))),
  si('bseti', 1, 0x14, or(rs1, bit(imm))),
]
