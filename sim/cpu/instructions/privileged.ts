/** Zicsr (unprivileged ISA 20240411, chapter 7) and the machine-mode instructions (privileged ISA, section 3.3). */
import { type Format, fixedRow, type InstructionRow, row } from './row.ts'
import { type SystemCall, system } from './semantics.ts'

const csr = (name: SystemCall, format: Format, funct3: number) =>
  row(name, 'zicsr', format, { opcode: 0x73, funct3 }, 'csr', system(name))

export const privilegedRows: readonly InstructionRow[] = [
  csr('csrrw', 'csr', 1),
  csr('csrrs', 'csr', 2),
  csr('csrrc', 'csr', 3),
  csr('csrrwi', 'csri', 5),
  csr('csrrsi', 'csri', 6),
  csr('csrrci', 'csri', 7),
  fixedRow('mret', 'i', 0x3020_0073, system('mret')),
  fixedRow('wfi', 'i', 0x1050_0073, system('wfi')),
]
