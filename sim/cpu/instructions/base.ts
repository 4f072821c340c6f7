/** RV32I (RISC-V unprivileged ISA 20240411, chapter 2) and Zifencei (chapter 6). */
import type { Encoding, InstructionRow, TimingClass } from './row.ts'
import { fixedRow, row } from './row.ts'
import {
  add,
  and,
  branch,
  type Effect,
  type Expression,
  eq,
  geS,
  geU,
  imm,
  jump,
  loadS,
  loadU,
  ltS,
  ltU,
  ne,
  or,
  pc,
  rs1,
  rs2,
  set,
  shl,
  shrS,
  shrU,
  store,
  sub,
  system,
  xor,
} from './semantics.ts'

const OP = 0x33
const OP_IMM = 0x13
const LOAD = 0x03
const STORE = 0x23
const BRANCH = 0x63

const r = (name: string, funct3: number, funct7: number, value: Expression, timing: TimingClass = 'alu') =>
  row(name, 'i', 'R', { opcode: OP, funct3, funct7 }, timing, set(value))
const i = (name: string, funct3: number, value: Expression) =>
  row(name, 'i', 'I', { opcode: OP_IMM, funct3 }, 'alu', set(value))
const shift = (name: string, funct3: number, funct7: number, value: Expression) =>
  row(name, 'i', 'shift', { opcode: OP_IMM, funct3, funct7 }, 'shift', set(value))
const load = (name: string, funct3: number, effect: Effect) =>
  row(name, 'i', 'load', { opcode: LOAD, funct3 }, 'load', effect)
const s = (name: string, funct3: number, bytes: 1 | 2 | 4) =>
  row(name, 'i', 'S', { opcode: STORE, funct3 }, 'store', store(bytes, add(rs1, imm), rs2))
const b = (name: string, funct3: number, condition: Expression) =>
  row(name, 'i', 'B', { opcode: BRANCH, funct3 }, 'branch', branch(condition))
const u = (name: string, encoding: Encoding, value: Expression) => row(name, 'i', 'U', encoding, 'alu', set(value))

export const baseRows: readonly InstructionRow[] = [
  u('lui', { opcode: 0x37 }, imm),
  u('auipc', { opcode: 0x17 }, add(pc, imm)),
  row('jal', 'i', 'J', { opcode: 0x6f }, 'jump', jump(add(pc, imm))),
  row('jalr', 'i', 'jalr', { opcode: 0x67, funct3: 0 }, 'jump-register', jump(add(rs1, imm))),
  b('beq', 0, eq(rs1, rs2)),
  b('bne', 1, ne(rs1, rs2)),
  b('blt', 4, ltS(rs1, rs2)),
  b('bge', 5, geS(rs1, rs2)),
  b('bltu', 6, ltU(rs1, rs2)),
  b('bgeu', 7, geU(rs1, rs2)),
  load('lb', 0, loadS(1, add(rs1, imm))),
  load('lh', 1, loadS(2, add(rs1, imm))),
  load('lw', 2, loadS(4, add(rs1, imm))),
  load('lbu', 4, loadU(1, add(rs1, imm))),
  load('lhu', 5, loadU(2, add(rs1, imm))),
  s('sb', 0, 1),
  s('sh', 1, 2),
  s('sw', 2, 4),
  i('addi', 0, add(rs1, imm)),
  i('slti', 2, ltS(rs1, imm)),
  i('sltiu', 3, ltU(rs1, imm)),
  i('xori', 4, xor(rs1, imm)),
  i('ori', 6, or(rs1, imm)),
  i('andi', 7, and(rs1, imm)),
  shift('slli', 1, 0x00, shl(rs1, imm)),
  shift('srli', 5, 0x00, shrU(rs1, imm)),
  shift('srai', 5, 0x20, shrS(rs1, imm)),
  r('add', 0, 0x00, add(rs1, rs2)),
  r('sub', 0, 0x20, sub(rs1, rs2)),
  r('sll', 1, 0x00, shl(rs1, rs2), 'shift'),
  r('slt', 2, 0x00, ltS(rs1, rs2)),
  r('sltu', 3, 0x00, ltU(rs1, rs2)),
  r('xor', 4, 0x00, xor(rs1, rs2)),
  r('srl', 5, 0x00, shrU(rs1, rs2), 'shift'),
  r('sra', 5, 0x20, shrS(rs1, rs2), 'shift'),
  r('or', 6, 0x00, or(rs1, rs2)),
  r('and', 7, 0x00, and(rs1, rs2)),
  // All fences are the same here: one hart, and devices see every store at once.
  row('fence', 'i', 'none', { opcode: 0x0f, funct3: 0 }, 'fence', system('fence')),
  row('fence.i', 'zifencei', 'none', { opcode: 0x0f, funct3: 1 }, 'fence-i', system('fence.i')),
  fixedRow('ecall', 'i', 0x0000_0073, system('ecall')),
  fixedRow('ebreak', 'i', 0x0010_0073, system('ebreak')),
]
