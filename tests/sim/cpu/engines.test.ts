import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { encode } from '../../../sim/cpu/instructions/encode.ts'
import type { InstructionRow } from '../../../sim/cpu/instructions/row.ts'
import { instructionTable } from '../../../sim/cpu/instructions/table.ts'
import { stepInstruction } from '../../../sim/cpu/step.ts'
import type { Machine } from '../../../sim/machine.ts'
import { asm, guest, registers, START } from '../guest.ts'

/**
 * The generated interpreter against the stepper that works from the rows, over random programs full of wild jumps,
 * faults, traps, misaligned accesses and stores into their own code: the same state after every instruction count.
 */
const WORDS = 64
const SKIP_HANDLER = [
  asm('csrrs', { rd: 31, imm: csr.mepc }),
  asm('addi', { rd: 31, rs1: 31, imm: 4 }),
  asm('csrrw', { rs1: 31, imm: csr.mepc }),
  asm('mret'),
]

const register = fc.integer({ min: 0, max: 15 })
const instruction = fc
  .record({
    row: fc.constantFrom(...instructionTable.filter((row) => row.name !== 'wfi')),
    rd: register,
    rs1: register,
    rs2: register,
    imm: fc.oneof(fc.integer({ min: -2048, max: 2047 }), fc.integer({ min: -16, max: 16 })),
    scratch: fc.boolean(),
  })
  .map(({ row, rd, rs1, rs2, imm, scratch }) => encode(row, { rd, rs1, rs2, imm: operand(row, imm, scratch) }))

/** Immediates that make sense: near targets, known control registers. */
function operand(row: InstructionRow, imm: number, scratch: boolean): number {
  if (row.format === 'B' || row.format === 'J') return (imm % 32) * 2
  if (row.format === 'csr' || row.format === 'csri') return scratch ? csr.mscratch : csr.minstret
  return row.format === 'U' ? imm << 12 : imm
}

const program = fc.record({
  code: fc.array(fc.oneof({ weight: 9, arbitrary: instruction }, { weight: 1, arbitrary: fc.integer() }), {
    minLength: WORDS,
    maxLength: WORDS,
  }),
  values: fc.array(fc.oneof(fc.integer(), fc.integer({ min: START, max: START + 4 * WORDS })), {
    minLength: 16,
    maxLength: 16,
  }),
  compressed: fc.boolean(),
  misaligned: fc.constantFrom('trap', 'hardware'),
})

function machineFor({
  code,
  values,
  compressed,
  misaligned,
}: typeof program extends fc.Arbitrary<infer T> ? T : never) {
  const machine = guest(code, {
    handler: SKIP_HANDLER,
    isa: compressed ? 'rv32imc' : 'rv32im',
    misaligned: misaligned as 'trap' | 'hardware',
  })
  values.forEach((value, index) => {
    if (index > 0) machine.hart.x[index] = value
  })
  return machine
}

const state = (machine: Machine) => ({
  pc: machine.hart.pc,
  x: registers(machine),
  cycles: machine.hart.cycles,
  instructions: machine.hart.instructions,
  csrs: [csr.mstatus, csr.mepc, csr.mcause, csr.mtval, csr.mscratch, csr.minstret].map((r) =>
    machine.hart.csrs.read(r),
  ),
  memory: machine.readMemory(START, 4 * WORDS),
})

describe('interpreter and stepper', () => {
  it('agree on random programs at random stopping points', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        program,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        (given, stops) => {
          const fast = machineFor(given)
          const slow = machineFor(given)
          for (const stop of stops) {
            const until = fast.hart.cycles + stop
            const { reason } = fast.run({ maxCycles: until })
            while (slow.hart.cycles < fast.hart.cycles) stepInstruction(slow.hart)
            expect(state(slow)).toEqual(state(fast))
            if (reason !== 'limit') return
          }
        },
      ),
      { numRuns: 150, seed: 20260101 },
    )
  })
})
