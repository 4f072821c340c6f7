import type { Effect } from './semantics.ts'

/** Extensions that rows belong to, as ISA strings spell them. */
export type Extension = 'i' | 'm' | 'a' | 'c' | 'zicsr' | 'zifencei' | 'zba' | 'zbb' | 'zbs'

/** Operands and immediate layout (RISC-V unprivileged ISA, section 2.3), and how assembly writes them. */
export type Format =
  | 'R' // rd, rs1, rs2
  | 'unary' // rd, rs1
  | 'atomic' // rd, rs2, (rs1)
  | 'reserve' // rd, (rs1)
  | 'I' // rd, rs1, imm
  | 'shift' // rd, rs1, shamt
  | 'load' // rd, imm(rs1)
  | 'S' // rs2, imm(rs1)
  | 'B' // rs1, rs2, pc + imm
  | 'U' // rd, imm
  | 'J' // rd, pc + imm
  | 'jalr' // rd, imm(rs1)
  | 'csr' // rd, csr, rs1
  | 'csri' // rd, csr, zimm (the rs1 field)
  | 'none'

/** Groups of instructions that timing models price. */
export type TimingClass =
  | 'alu'
  | 'shift'
  | 'mul'
  | 'mulh'
  | 'div'
  | 'load'
  | 'store'
  | 'branch'
  | 'jump'
  | 'jump-register'
  | 'csr'
  | 'fence'
  | 'fence-i'
  | 'system'

/** One instruction: everything that decoder, disassembler, interpreter, trace and timing know about it. */
export interface InstructionRow {
  readonly name: string
  readonly extension: Extension
  readonly format: Format
  /** A word `w` encodes this instruction when `(w & mask) === match`, as signed 32-bit numbers. */
  readonly match: number
  readonly mask: number
  readonly timing: TimingClass
  readonly effect: Effect
}

/** Fixed fields of an encoding; absent ones are free. */
export interface Encoding {
  readonly opcode: number
  readonly funct3?: number
  readonly funct7?: number
  /** The upper five bits of funct7; the lower two, which order memory accesses, are free. */
  readonly funct5?: number
  /** The rs2 field, where it does not name a register. */
  readonly rs2?: number
}

/** Makes a row from the fixed fields of its encoding. */
export function row(
  name: string,
  extension: Extension,
  format: Format,
  encoding: Encoding,
  timing: TimingClass,
  effect: Effect,
): InstructionRow {
  const { opcode, funct3, funct7, funct5, rs2 } = encoding
  const fields = [
    [opcode, 0x7f, 0],
    [funct3, 7, 12],
    [rs2, 0x1f, 20],
    [funct7, 0x7f, 25],
    [funct5, 0x1f, 27],
  ] as const
  let match = 0
  let mask = 0
  for (const [value, width, shift] of fields) {
    if (value === undefined) continue
    match |= value << shift
    mask |= width << shift
  }
  return { name, extension, format, match, mask, timing, effect }
}

/** Makes a row for an instruction without operands: all 32 bits are fixed. */
export function fixedRow(name: string, extension: Extension, word: number, effect: Effect): InstructionRow {
  return { name, extension, format: 'none', match: word | 0, mask: -1, timing: 'system', effect }
}
