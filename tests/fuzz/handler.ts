/**
 * The trap handler of every program. It logs cause, pc, value and status, and which entry of the vector table it came
 * through. Then it goes on where it makes sense:
 *
 *   interrupt             what was interrupted, with this interrupt disabled
 *   call from user mode   the next instruction, in machine mode
 *   failed fetch          the address in x30, in machine mode
 *   anything else         the next instruction, in the same mode
 */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { cause } from '../../sim/cpu/trap.ts'
import { Code } from './code.ts'
import { CONTEXT, ENTRIES, LOG, MOST_TRAPS, RECOVERY, SAVED, STATUS, TRAPS } from './layout.ts'

const VECTORS = 16
const STUB_BYTES = 12
const TABLE_BYTES = VECTORS * (4 + STUB_BYTES)
const MPP = 0x1800
const saved = [5, 6, 7, 8, 9]

/** @param epilogue where it goes after too many traps, relative to its own start */
export function handler(compressed: boolean, epilogue: number): Code {
  const code = vectors()
  access(code, 'sw', saved)
  countEntry(code)
  log(code)
  // Not after an interrupt, which may have come anywhere.
  const interrupted = code.branchAhead('blt', 5, 0)
  const full = code.branchAhead('blt', 9, 8)
  goOn(code, compressed)
  const resume = code.branchAhead('beq', 0, 0)
  interrupted()
  code.asm('addi', { rd: 6, imm: 1 }).asm('sll', { rd: 6, rs1: 6, rs2: 5 }).asm('csrrc', { rs1: 6, imm: csr.mie })
  resume()
  access(code, 'lw', saved)
  code.asm('mret')
  full()
  access(code, 'lw', saved)
  return code.asm('jal', { imm: epilogue - code.bytes })
}

/** Every entry of the table has a stub of its own, which tells its number in x5 (and keeps x5 where it is saved). */
function vectors(): Code {
  const code = new Code()
  for (let entry = 0; entry < VECTORS; entry++) {
    code.asm('jal', { imm: VECTORS * 4 + entry * STUB_BYTES - code.bytes })
  }
  for (let entry = 0; entry < VECTORS; entry++) {
    code.asm('sw', { rs1: CONTEXT, rs2: 5, imm: SAVED }).asm('addi', { rd: 5, imm: entry })
    code.asm('jal', { imm: TABLE_BYTES - code.bytes })
  }
  return code
}

/** Saves or restores; x5 is saved already. */
function access(code: Code, name: 'lw' | 'sw', registers: readonly number[]): void {
  for (const [index, register] of registers.entries()) {
    if (name === 'lw') code.asm(name, { rd: register, rs1: CONTEXT, imm: SAVED + index * 4 })
    else if (index > 0) code.asm(name, { rs2: register, rs1: CONTEXT, imm: SAVED + index * 4 })
  }
}

/** A checksum of the entries that were taken. */
function countEntry(code: Code): void {
  code.asm('lw', { rd: 6, rs1: CONTEXT, imm: ENTRIES }).asm('slli', { rd: 7, rs1: 6, imm: 5 })
  code.asm('sub', { rd: 6, rs1: 7, rs2: 6 }).asm('add', { rd: 6, rs1: 6, rs2: 5 })
  code.asm('sw', { rs1: CONTEXT, rs2: 6, imm: ENTRIES })
}

/** Leaves the cause in x5, the pc in x6, the number of traps in x8 and the most there may be in x9. */
function log(code: Code): void {
  code.asm('lw', { rd: 8, rs1: CONTEXT, imm: TRAPS }).asm('slli', { rd: 9, rs1: 8, imm: 4 })
  code.asm('add', { rd: 9, rs1: 9, rs2: CONTEXT })
  const field = (register: number, imm: number) => code.asm('sw', { rs1: 9, rs2: register, imm: LOG + imm })
  code.asm('csrrs', { rd: 7, imm: csr.mtval })
  field(7, 8)
  code.li(7, STATUS).asm('csrrs', { rd: 6, imm: csr.mstatus }).asm('and', { rd: 6, rs1: 6, rs2: 7 })
  field(6, 12)
  code.asm('csrrs', { rd: 5, imm: csr.mcause })
  field(5, 0)
  code.asm('csrrs', { rd: 6, imm: csr.mepc })
  field(6, 4)
  code.asm('addi', { rd: 8, rs1: 8, imm: 1 }).asm('sw', { rs1: CONTEXT, rs2: 8, imm: TRAPS })
  code.asm('addi', { rd: 9, imm: MOST_TRAPS - 1 })
}

/** Sets mepc, and the mode to return to, after an exception. */
function goOn(code: Code, compressed: boolean): void {
  code.asm('addi', { rd: 7, imm: cause.fetchFault })
  const fetch = code.branchAhead('bgeu', 7, 5)
  if (compressed) {
    // Two bytes, or four when both low bits of the instruction are set.
    code.asm('lhu', { rd: 7, rs1: 6 }).asm('andi', { rd: 7, rs1: 7, imm: 3 }).asm('sltiu', { rd: 7, rs1: 7, imm: 3 })
    code.asm('slli', { rd: 7, rs1: 7, imm: 1 }).asm('sub', { rd: 6, rs1: 6, rs2: 7 })
  }
  code.asm('addi', { rd: 6, rs1: 6, imm: 4 }).asm('addi', { rd: 7, imm: cause.userCall })
  const sameMode = code.branchAhead('bne', 5, 7)
  const machine = code.branchAhead('beq', 0, 0)
  fetch()
  code.asm('addi', { rd: 6, rs1: RECOVERY })
  machine()
  code.li(7, MPP).asm('csrrs', { rs1: 7, imm: csr.mstatus })
  sameMode()
  code.setControl(csr.mepc, 6)
}
