/**
 * What stands around the generated code: every program of a batch has a slot of its own in RAM, with a prologue that
 * brings the hart into a known state, a trap handler that logs, and an epilogue that stores what is to be compared.
 *
 *   0x0000  code: prologue, the program, epilogue
 *   0x2000  trap handler, a table for vectored mode first
 *   0x3000  data that the program works on
 *   0x3800  results; x31 points here while the program runs
 *
 * Programs leave alone x29 (the counter of loops), x30 (where a failed fetch goes on) and x31.
 */
import { csr, csrRows } from '../../sim/cpu/csr/rows.ts'
import { PMP_ENTRIES } from '../../sim/cpu/pmp.ts'
import { Code } from './code.ts'
import { handler } from './handler.ts'
import {
  CLINT,
  CODE_BYTES,
  CONTEXT,
  CONTROLS,
  COUNTER,
  DATA,
  FINISHER,
  HANDLER,
  INITIAL,
  MTIMECMP,
  PLIC,
  PLIC_ENABLE,
  PLIC_THRESHOLD,
  RAM,
  RECOVERY,
  REGISTERS,
  RESULTS,
  SLOT_BYTES,
  STATUS,
  UART,
  UART_SOURCE,
} from './layout.ts'

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}${n}`)
const protection = [...numbered('pmpcfg', PMP_ENTRIES / 4), ...numbered('pmpaddr', PMP_ENTRIES)]

/** Control registers whose final values are compared; traps change mcause, mepc and mtval, which the log shows. */
export const comparedControls: readonly string[] = ['mstatus', 'mie', 'mtvec', 'mscratch', 'mcounteren', ...protection]

const addressOf = new Map(csrRows.map(({ name, address }) => [name, address]))

/** A program to put into a slot. */
export interface Program {
  readonly units: readonly Unit[]
  /** x1 to x28 at its start. */
  readonly registers: readonly number[]
  readonly data: Uint8Array
  /** Whether its handler is vectored. */
  readonly vectored: boolean
}

/** A piece of a program that works wherever it stands; what shrinking leaves out. */
export interface Unit {
  readonly name: string
  readonly code: Code
  /** Whether an interrupt may come anywhere in it. */
  readonly interruptible: boolean
}

/** The RAM of a batch, from its start. */
export function batchImage(programs: readonly Program[], compressed: boolean): Uint8Array {
  const image = new Uint8Array(programs.length * SLOT_BYTES)
  programs.forEach((program, index) => {
    const slot = RAM + index * SLOT_BYTES
    const last = index === programs.length - 1
    const put = (offset: number, bytes: Uint8Array) => image.set(bytes, index * SLOT_BYTES + offset)
    const code = prologue(slot, program.vectored)
    for (const unit of program.units) code.append(unit.code)
    const epilogueAt = code.bytes
    code.append(epilogue(last ? undefined : slot + SLOT_BYTES))
    if (code.bytes > CODE_BYTES) throw new RangeError(`a program of ${code.bytes} bytes is too long`)
    put(0, bytesOf(code))
    // Past the epilogue's call, which is for those who come from user mode.
    put(HANDLER, bytesOf(handler(compressed, epilogueAt + 4 - HANDLER)))
    put(DATA, program.data)
    put(RESULTS + INITIAL, new Uint8Array(Int32Array.from([0, ...program.registers]).buffer))
  })
  return image
}

/** The unit of a program in which an address lies, undefined when it lies in none. */
export function unitAt(program: Program, slot: number, address: number): Unit | undefined {
  let at = RAM + slot * SLOT_BYTES + prologue(0, false).bytes
  for (const unit of program.units) {
    if (address >= at && address < at + unit.code.bytes) return unit
    at += unit.code.bytes
  }
  return undefined
}

function bytesOf(code: Code): Uint8Array {
  return new Uint8Array(Uint16Array.from(code.halves).buffer)
}

/** The state in which every program begins. */
function prologue(slot: number, vectored: boolean): Code {
  const code = new Code()
  const clear = ['mstatus', 'mie', 'mscratch', 'mepc', 'mcause', 'mtval', 'mcounteren', 'mcountinhibit', ...protection]
  for (const name of clear) code.setControl(addressOf.get(name)!, 0)
  // The program before may have ended with its interrupts raised.
  code.append(quietDevices())
  code.li(1, CLINT).asm('sw', { rs1: 1 })
  code.li(1, MTIMECMP).li(2, -1).asm('sw', { rs1: 1, rs2: 2 }).asm('sw', { rs1: 1, rs2: 2, imm: 4 })
  code.li(1, slot + HANDLER + (vectored ? 1 : 0)).setControl(csr.mtvec, 1)
  code.li(CONTEXT, slot + RESULTS)
  for (let rd = 1; rd < COUNTER; rd++) code.asm('lw', { rd, rs1: CONTEXT, imm: INITIAL + rd * 4 })
  return code.asm('addi', { rd: COUNTER }).asm('auipc', { rd: RECOVERY })
}

/** The UART asks for nothing, and what it asked for before is claimed and completed. */
function quietDevices(): Code {
  const code = new Code().li(1, UART).asm('sb', { rs1: 1, imm: 1 }).asm('lbu', { rd: 2, rs1: 1, imm: 2 })
  code
    .li(1, PLIC)
    .asm('addi', { rd: 2, imm: 1 })
    .asm('sw', { rs1: 1, rs2: 2, imm: UART_SOURCE * 4 })
  code
    .li(3, PLIC_ENABLE)
    .asm('addi', { rd: 2, imm: 1 << UART_SOURCE })
    .asm('sw', { rs1: 3, rs2: 2 })
  code.li(1, PLIC_THRESHOLD).asm('sw', { rs1: 1 }).asm('lw', { rd: 2, rs1: 1, imm: 4 })
  return code.asm('addi', { rd: 2, imm: UART_SOURCE }).asm('sw', { rs1: 1, rs2: 2, imm: 4 }).asm('sw', { rs1: 3 })
}

/** From any mode: stores the state, and goes to the next slot or ends the run. */
function epilogue(next: number | undefined): Code {
  const code = new Code().asm('ecall').setControl(csr.mie, 0)
  for (let register = 1; register < CONTEXT; register++) {
    code.asm('sw', { rs1: CONTEXT, rs2: register, imm: REGISTERS + register * 4 })
  }
  comparedControls.forEach((name, index) => {
    code.asm('csrrs', { rd: 1, imm: addressOf.get(name)! })
    if (name === 'mstatus') code.li(2, STATUS).asm('and', { rd: 1, rs1: 1, rs2: 2 })
    code.asm('sw', { rs1: CONTEXT, rs2: 1, imm: CONTROLS + index * 4 })
  })
  if (next !== undefined) return code.li(1, next).asm('jalr', { rs1: 1 })
  return code.li(1, FINISHER).li(2, 0x5555).asm('sw', { rs1: 1, rs2: 2 }).asm('jal')
}
