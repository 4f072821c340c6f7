import type { InstructionRow } from './row.ts'

/** Operands of an instruction to encode; absent ones are zero. `imm` is the CSR number for CSR instructions. */
export interface Operands {
  readonly rd?: number
  readonly rs1?: number
  readonly rs2?: number
  readonly imm?: number
}

/** The 32-bit encoding of an instruction, as a signed number. Operands are cut to their fields. */
export function encode(row: InstructionRow, { rd = 0, rs1 = 0, rs2 = 0, imm = 0 }: Operands): number {
  const d = (rd & 31) << 7
  const s1 = (rs1 & 31) << 15
  const s2 = (rs2 & 31) << 20
  switch (row.format) {
    case 'R':
    case 'atomic':
      return row.match | d | s1 | s2
    case 'unary':
    case 'reserve':
      return row.match | d | s1
    case 'I':
    case 'load':
    case 'jalr':
    case 'csr':
    case 'csri':
      return row.match | d | s1 | (imm << 20)
    case 'shift':
      return row.match | d | s1 | ((imm & 31) << 20)
    case 'S':
      return row.match | s1 | s2 | ((imm & 31) << 7) | ((imm >> 5) << 25)
    case 'B':
      return (
        row.match | s1 | s2 | ((imm & 0x1e) << 7) | ((imm & 0x800) >>> 4) | ((imm & 0x7e0) << 20) | ((imm >> 12) << 31)
      )
    case 'U':
      return row.match | d | (imm & ~0xfff)
    case 'J':
      return row.match | d | (imm & 0xff000) | ((imm & 0x800) << 9) | ((imm & 0x7fe) << 20) | ((imm >> 20) << 31)
    case 'none':
      return row.match
  }
}
