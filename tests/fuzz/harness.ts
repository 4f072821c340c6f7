/**
 * What stands around the generated code: every program of a batch has a slot of its own in RAM, with a prologue that
 * brings the hart into a known state, a trap handler that logs, and an epilogue that stores what is to be compared.
 *
 *   0x0000  code: prologue, the program, epilogue
 *   0x2000  trap handler, a table for vectored mode first
 *   0x3000  data that the program works on
 *   0x3800  results; x31 points here while the program runs
 *
 * Programs leave alone x29 (scratch of units), x30 (where the handler goes on after a failed fetch) and x31.
 */
import { csr, csrRows } from '../../sim/cpu/csr/rows.ts'
import { PMP_ENTRIES } from '../../sim/cpu/pmp.ts'
import { Code } from './code.ts'

export const RAM = 0x8000_0000
export const RAM_BYTES = 16 << 20
export const SLOT_BYTES = 0x4000
export const HANDLER = 0x2000
export const DATA = 0x3000
export const DATA_BYTES = 0x800
export const RESULTS = 0x3800
/** Offsets in the results. */
export const TRAPS = 0x20
const VECTORED = 0x24
export const REGISTERS = 0x40
export const CONTROLS = 0xc0
export const LOG = 0x180
export const LOG_ENTRY = 16
export const MOST_TRAPS = 40
const INITIAL = 0x400

export const CLINT = 0x0200_0000
const MTIMECMP = CLINT + 0x4000
const FINISHER = 0x0010_0000
const MPP = 0x1800

export const SCRATCH = 29
export const RECOVERY = 30
export const CONTEXT = 31

/** Control registers whose final values are compared; traps change mcause, mepc and mtval, which the log shows. */
export const comparedControls: readonly string[] = [
  'mstatus',
  'mie',
  'mtvec',
  'mscratch',
  'mcounteren',
  'pmpcfg0',
  'pmpaddr0',
  'pmpaddr1',
]

const addressOf = new Map(csrRows.map(({ name, address }) => [name, address]))

/** A program to put into a slot. */
export interface Program {
  readonly units: readonly Unit[]
  /** x1 to x28 at its start. */
  readonly registers: readonly number[]
  readonly data: Uint8Array
}

/** A piece of a program that works wherever it stands; what shrinking leaves out. */
export interface Unit {
  readonly name: string
  readonly code: Code
}

/** The RAM of a batch, from its start. */
export function batchImage(programs: readonly Program[], compressed: boolean): Uint8Array {
  const image = new Uint8Array(programs.length * SLOT_BYTES)
  programs.forEach((program, index) => {
    const slot = RAM + index * SLOT_BYTES
    const last = index === programs.length - 1
    const put = (offset: number, bytes: Uint8Array) => image.set(bytes, index * SLOT_BYTES + offset)
    const begin = prologue(slot)
    const epilogueAt = begin.bytes + program.units.reduce((sum, { code }) => sum + code.bytes, 0)
    for (const { code } of program.units) begin.append(code)
    begin.append(epilogue(last ? undefined : slot + SLOT_BYTES))
    if (begin.bytes > HANDLER) throw new RangeError(`a program of ${begin.bytes} bytes is too long`)
    put(0, bytesOf(begin))
    put(HANDLER, bytesOf(handler(compressed, epilogueAt)))
    put(DATA, program.data)
    put(RESULTS + INITIAL, new Uint8Array(Int32Array.from([0, ...program.registers]).buffer))
  })
  return image
}

function bytesOf(code: Code): Uint8Array {
  return new Uint8Array(Uint16Array.from(code.halves).buffer)
}

/** The state in which every program begins. */
function prologue(slot: number): Code {
  const code = new Code()
  const clear = ['mstatus', 'mie', 'mscratch', 'mepc', 'mcause', 'mtval', 'mcounteren', 'mcountinhibit']
  for (let n = 0; n < PMP_ENTRIES / 4; n++) clear.push(`pmpcfg${n}`)
  for (let n = 0; n < PMP_ENTRIES; n++) clear.push(`pmpaddr${n}`)
  for (const name of clear) code.asm('csrrw', { imm: addressOf.get(name)! })
  code.li(1, CLINT).asm('sw', { rs1: 1 })
  code.li(1, MTIMECMP).li(2, -1).asm('sw', { rs1: 1, rs2: 2 }).asm('sw', { rs1: 1, rs2: 2, imm: 4 })
  code.li(1, slot + HANDLER).asm('csrrw', { rs1: 1, imm: csr.mtvec })
  code.li(CONTEXT, slot + RESULTS)
  for (let rd = 1; rd < SCRATCH; rd++) code.asm('lw', { rd, rs1: CONTEXT, imm: INITIAL + rd * 4 })
  return code.asm('addi', { rd: SCRATCH }).asm('auipc', { rd: RECOVERY })
}

/** From any mode: stores the state, and goes to the next slot or ends the run. */
function epilogue(next: number | undefined): Code {
  const code = new Code().asm('ecall').asm('csrrwi', { imm: csr.mie })
  for (let register = 1; register < CONTEXT; register++) {
    code.asm('sw', { rs1: CONTEXT, rs2: register, imm: REGISTERS + register * 4 })
  }
  comparedControls.forEach((name, index) => {
    code.asm('csrrs', { rd: 1, imm: addressOf.get(name)! })
    if (name === 'mstatus') code.li(2, 0x22_1888).asm('and', { rd: 1, rs1: 1, rs2: 2 })
    code.asm('sw', { rs1: CONTEXT, rs2: 1, imm: CONTROLS + index * 4 })
  })
  if (next !== undefined) return code.li(1, next).asm('jalr', { rs1: 1 })
  return code.li(1, FINISHER).li(2, 0x5555).asm('sw', { rs1: 1, rs2: 2 }).asm('jal')
}

/**
 * Logs cause, pc, value and status. Then interrupts are disabled and what was interrupted goes on; a call from user
 * mode goes on in machine mode; a failed fetch goes on at x30; everything else skips the instruction at fault.
 *
 * @param epilogueAt where it goes after too many traps
 */
function handler(compressed: boolean, epilogueAt: number): Code {
  const table = 16
  const code = new Code()
  const main = table * 4 + 4 * 6
  for (let entry = 0; entry < table; entry++) {
    code.asm('jal', { imm: (entry === 0 ? main : table * 4) - code.bytes })
  }
  const memory = (name: 'lw' | 'sw', register: number, imm: number) =>
    code.asm(name, { rd: register, rs2: register, rs1: CONTEXT, imm })
  const saved = [5, 6, 7, 8, 9]
  const all = (name: 'lw' | 'sw') => {
    for (const [index, register] of saved.entries()) memory(name, register, index * 4)
  }
  memory('sw', 5, 0)
  memory('lw', 5, VECTORED)
  code.asm('addi', { rd: 5, rs1: 5, imm: 1 })
  memory('sw', 5, VECTORED)
  memory('lw', 5, 0)
  code.asm('addi')
  all('sw')
  code
    .asm('csrrs', { rd: 5, imm: csr.mcause })
    .asm('csrrs', { rd: 6, imm: csr.mepc })
    .asm('csrrs', { rd: 7, imm: csr.mtval })
  memory('lw', 8, TRAPS)
  code.asm('slli', { rd: 9, rs1: 8, imm: 4 }).asm('add', { rd: 9, rs1: 9, rs2: CONTEXT })
  for (const [index, register] of [5, 6, 7].entries()) code.asm('sw', { rs1: 9, rs2: register, imm: LOG + index * 4 })
  code.li(7, 0x22_1888).asm('csrrs', { rd: 6, imm: csr.mstatus }).asm('and', { rd: 6, rs1: 6, rs2: 7 })
  code.asm('sw', { rs1: 9, rs2: 6, imm: LOG + 12 }).asm('addi', { rd: 8, rs1: 8, imm: 1 })
  memory('sw', 8, TRAPS)
  const limit = code.bytes + 4
  code.asm('addi', { rd: 9, imm: MOST_TRAPS }).asm('bge', { rs1: 8, rs2: 9, imm: 0 })
  const interrupted = branchAhead(code, 'blt', 5, 0)
  code.asm('csrrs', { rd: 6, imm: csr.mepc })
  code.asm('addi', { rd: 7, imm: 1 })
  const fetch = branchAhead(code, 'bgeu', 7, 5)
  code.asm('addi', { rd: 7, imm: 8 })
  const notUser = branchAhead(code, 'bne', 5, 7)
  code.li(7, MPP).asm('csrrs', { rs1: 7, imm: csr.mstatus })
  notUser()
  if (compressed) {
    code.asm('lhu', { rd: 7, rs1: 6 }).asm('andi', { rd: 7, rs1: 7, imm: 3 }).asm('addi', { rd: 7, rs1: 7, imm: -3 })
    code
      .asm('sltiu', { rd: 7, rs1: 7, imm: 1 })
      .asm('slli', { rd: 7, rs1: 7, imm: 1 })
      .asm('addi', { rd: 7, rs1: 7, imm: 2 })
  } else code.asm('addi', { rd: 7, imm: 4 })
  code.asm('add', { rd: 6, rs1: 6, rs2: 7 })
  const skipped = branchAhead(code, 'beq', 0, 0)
  fetch()
  code.asm('addi', { rd: 6, rs1: RECOVERY })
  skipped()
  code.asm('csrrw', { rs1: 6, imm: csr.mepc })
  const resume = branchAhead(code, 'beq', 0, 0)
  interrupted()
  code.asm('csrrwi', { imm: csr.mie })
  resume()
  all('lw')
  code.asm('mret')
  patch(code, limit, code.bytes)
  all('lw')
  // Past the epilogue's call, which is for those who come from user mode.
  return code.asm('jal', { imm: epilogueAt + 4 - HANDLER - code.bytes })
}

/** A branch whose target follows later: call what is returned where it goes. */
export function branchAhead(code: Code, name: string, rs1: number, rs2: number): () => void {
  const at = code.bytes
  code.asm(name, { rs1, rs2, imm: 0 })
  return () => patch(code, at, code.bytes)
}

/** Sets the target of the branch at offset `at`. */
function patch(code: Code, at: number, to: number): void {
  const imm = to - at
  const word = (code.halves[at / 2]! | (code.halves[at / 2 + 1]! << 16)) & ~0xfe00_0f80
  const target = ((imm & 0x1e) << 7) | ((imm & 0x800) >>> 4) | ((imm & 0x7e0) << 20) | ((imm >> 12) << 31)
  code.halves[at / 2] = (word | target) & 0xffff
  code.halves[at / 2 + 1] = ((word | target) >>> 16) & 0xffff
}
