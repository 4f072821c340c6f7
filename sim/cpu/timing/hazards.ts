/** What timing rules ask about an instruction and its neighbours. */
import type { Decoded } from '../decoder.ts'
import type { PlacedInstruction } from './timing-model.ts'

/** Whether the instruction reads register `register`; x0 is never read. */
export function reads({ row, rs1, rs2 }: Decoded, register: number): boolean {
  if (register === 0) return false
  switch (row.format) {
    case 'R':
    case 'atomic':
    case 'S':
    case 'B':
      return rs1 === register || rs2 === register
    case 'unary':
    case 'reserve':
    case 'I':
    case 'shift':
    case 'load':
    case 'jalr':
    case 'csr':
      return rs1 === register
    default:
      return false
  }
}

/** Whether a CSR instruction writes: a set or clear of nothing only reads (unprivileged ISA 20240411, table 8). */
export function writesCsr({ row, rs1 }: Decoded): boolean {
  return row.name === 'csrrw' || row.name === 'csrrwi' || rs1 !== 0
}

/** Whether the instruction is 32 bits wide and crosses a word boundary: a core that fetches words needs two of them. */
export function straddles(placed: PlacedInstruction | undefined): boolean {
  return placed !== undefined && placed.length === 4 && (placed.pc & 2) !== 0
}

export function isJump({ row }: Decoded): boolean {
  return row.timing === 'jump' || row.timing === 'jump-register'
}
