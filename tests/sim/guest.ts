import { encode, type Operands } from '../../sim/cpu/instructions/encode.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { SymbolTable } from '../../sim/elf/symbols.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { SocDescription } from '../../sim/soc/description.ts'

/** Where test programs start, and where their trap handlers stand. */
export const START = 0x8000_0000
export const HANDLER = START + 0x1000
const FINISHER = 0x0010_0000

const rows = new Map(instructionTable.map((row) => [row.name, row]))

/** One instruction, by its name and operands. */
export function asm(name: string, operands: Operands = {}): number {
  const row = rows.get(name)
  if (row === undefined) throw new Error(`no instruction is called ${name}`)
  return encode(row, operands)
}

/** rd = any 32-bit constant: always two instructions. */
export function li(rd: number, value: number): number[] {
  const low = (value << 20) >> 20
  return [asm('lui', { rd, imm: (value - low) | 0 }), asm('addi', { rd, rs1: rd, imm: low })]
}

/** Ends the run with exit code 0; changes x30 and x31. */
export const exit: readonly number[] = [...li(30, FINISHER), ...li(31, 0x5555), asm('sw', { rs1: 30, rs2: 31 })]

/** Instructions as bytes. */
export function bytes(words: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(words).buffer)
}

/** What a machine may be given besides its options: a trap handler at HANDLER that mtvec points to, another SoC. */
export interface GuestOptions extends MachineOptions {
  readonly handler?: readonly number[]
  readonly soc?: SocDescription
}

/** A machine of one cycle per instruction with instructions at START. */
export function guest(program: readonly number[], options: GuestOptions = {}): Machine {
  const machine = new Machine(options.soc ?? defaultSoc, { cpu: 'ideal', ...options })
  machine.load({
    name: 'test',
    entry: START,
    segments: [
      { address: START, bytes: bytes(program), memorySize: program.length * 4, executable: true, writable: true },
    ],
    symbols: new SymbolTable([{ name: 'start', address: START, size: 0x1000, kind: 'function' }]),
    flags: 0,
    arch: undefined,
  })
  if (options.handler !== undefined) {
    machine.writeMemory(HANDLER, bytes(options.handler))
    machine.hart.csrs.write(0x305, HANDLER)
  }
  return machine
}

/** Registers as signed words, to compare. */
export function registers(machine: Machine): number[] {
  return [...machine.hart.x.subarray(0, 32)]
}
