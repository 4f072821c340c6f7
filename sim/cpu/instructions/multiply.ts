/** M: multiplication and division (RISC-V unprivileged ISA 20240411, chapter 12). */
import { type InstructionRow, row, type TimingClass } from './row.ts'
import { div, divu, type Expression, mul, mulh, mulhsu, mulhu, rem, remu, rs1, rs2, set } from './semantics.ts'

const m = (name: string, funct3: number, timing: TimingClass, value: Expression) =>
  row(name, 'm', 'R', { opcode: 0x33, funct3, funct7: 1 }, timing, set(value))

export const multiplyRows: readonly InstructionRow[] = [
  m('mul', 0, 'mul', mul(rs1, rs2)),
  m('mulh', 1, 'mulh', mulh(rs1, rs2)),
  m('mulhsu', 2, 'mulh', mulhsu(rs1, rs2)),
  m('mulhu', 3, 'mulh', mulhu(rs1, rs2)),
  m('div', 4, 'div', div(rs1, rs2)),
  m('divu', 5, 'div', divu(rs1, rs2)),
  m('rem', 6, 'div', rem(rs1, rs2)),
  m('remu', 7, 'div', remu(rs1, rs2)),
]
