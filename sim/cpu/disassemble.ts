/**
 * Instructions as assembly has them, after their rows: no pseudo-instructions, compressed ones as what they stand for,
 * targets of jumps as addresses.
 */
import { csrRows } from './csr/rows.ts'
import { Decoder } from './decoder.ts'
import type { Format } from './instructions/row.ts'
import { instructionTable } from './instructions/table.ts'
import { registerNames } from './register-names.ts'

interface Operands {
  readonly pc: number
  readonly rd: string
  readonly rs1: string
  readonly rs2: string
  readonly imm: number
  /** The rs1 field. */
  readonly zimm: number
}

/** By the bits rl and aq. */
const orderings = ['', '.rl', '.aq', '.aqrl']
const target = ({ pc, imm }: Operands) => `0x${((pc + imm) >>> 0).toString(16)}`
const csrNames = new Map<number, string>(csrRows.map(({ address, name }) => [address, name]))
const csr = ({ imm }: Operands) => csrNames.get(imm) ?? `0x${imm.toString(16)}`

const operandsOf: Readonly<Record<Format, (operands: Operands) => readonly (string | number)[]>> = {
  R: ({ rd, rs1, rs2 }) => [rd, rs1, rs2],
  unary: ({ rd, rs1 }) => [rd, rs1],
  atomic: ({ rd, rs1, rs2 }) => [rd, rs2, `(${rs1})`],
  reserve: ({ rd, rs1 }) => [rd, `(${rs1})`],
  I: ({ rd, rs1, imm }) => [rd, rs1, imm],
  shift: ({ rd, rs1, imm }) => [rd, rs1, imm],
  load: ({ rd, rs1, imm }) => [rd, `${imm}(${rs1})`],
  S: ({ rs1, rs2, imm }) => [rs2, `${imm}(${rs1})`],
  B: (all) => [all.rs1, all.rs2, target(all)],
  U: ({ rd, imm }) => [rd, imm >>> 12],
  J: (all) => [all.rd, target(all)],
  jalr: ({ rd, rs1, imm }) => [rd, `${imm}(${rs1})`],
  csr: (all) => [all.rd, csr(all), all.rs1],
  csri: (all) => [all.rd, csr(all), all.zimm],
  none: () => [],
}

let made: Decoder | undefined

/** The instruction at `pc`; undefined when the encoding is none of any extension. */
export function disassemble(raw: number, pc: number): string | undefined {
  made ??= new Decoder(new Set(instructionTable.map(({ extension }) => extension)).add('c'))
  const decoded = made.decode(raw)
  if (decoded === undefined) return undefined
  const { row, imm, rs1: zimm } = decoded
  const [rd, rs1, rs2] = [decoded.rd, decoded.rs1, decoded.rs2].map((register) => registerNames[register]!) as [
    string,
    string,
    string,
  ]
  const name = row.format === 'atomic' || row.format === 'reserve' ? row.name + orderings[(raw >>> 25) & 3]! : row.name
  return [name, operandsOf[row.format]({ pc, rd, rs1, rs2, imm, zimm }).join(', ')].join(' ').trimEnd()
}
