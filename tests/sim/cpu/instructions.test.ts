import { describe, expect, it } from 'vitest'
import { instructionTable } from '../../../sim/cpu/instructions/table.ts'
import { stepInstruction } from '../../../sim/cpu/step.ts'
import type { Machine } from '../../../sim/machine.ts'
import { asm, exit, guest, li, registers, START } from '../guest.ts'
import {
  amoVectors,
  arithmeticVectors,
  branchVectors,
  LOADED_WORD,
  loadVectors,
  storeVectors,
  testedElsewhere,
} from './instruction-vectors.ts'

const DATA = START + 0x800
/** Every extension that does not change what other instructions do. */
const ALL = { isa: 'rv32imab' }

/** Both ways to run an instruction: the generated interpreter, and the stepper that works from the rows. */
const ways: Readonly<Record<string, (machine: Machine, instructions: number) => void>> = {
  interpreter: (machine, count) => machine.run({ maxInstructions: count }),
  stepper: (machine, count) => {
    for (let i = 0; i < count; i++) stepInstruction(machine.hart)
  },
}

describe('the instruction table', () => {
  it('has vectors for every row', () => {
    const tested = {
      ...arithmeticVectors,
      ...amoVectors,
      ...branchVectors,
      ...loadVectors,
      ...storeVectors,
      ...testedElsewhere,
    }
    expect(Object.keys(tested).sort()).toEqual(instructionTable.map((row) => row.name).sort())
  })

  it('gives every encoding to one row only', () => {
    for (const a of instructionTable) {
      const others = instructionTable.filter((b) => b !== a && ((a.match ^ b.match) & a.mask & b.mask) === 0)
      // A row may lie inside another one's space only if it comes with more fixed bits; there is none such.
      expect(others.map((b) => `${a.name} ${b.name}`)).toEqual([])
    }
  })
})

describe.each(Object.entries(ways))('by the %s', (_, run) => {
  const compute = (name: string, a: number, b: number, rd = 3) => {
    const format = instructionTable.find((row) => row.name === name)!.format
    const operation = format === 'R' ? asm(name, { rd, rs1: 1, rs2: 2 }) : asm(name, { rd, rs1: 1, imm: b })
    const machine = guest([operation], ALL)
    machine.hart.x[1] = a
    machine.hart.x[2] = b
    run(machine, 1)
    return machine.hart
  }

  const cases = Object.entries(arithmeticVectors).flatMap(([name, vectors]) =>
    vectors.map((v) => [name, ...v] as const),
  )
  it.each(cases)('%s of %i and %i is %i', (name, a, b, result) => {
    const hart = compute(name, a, b)
    expect(hart.x[3]).toBe(result)
    expect(hart.pc).toBe(START + 4)
  })

  it.each(Object.keys(arithmeticVectors))('%s leaves x0 alone', (name) => {
    expect(compute(name, -1, 1, 0).x[0]).toBe(0)
  })

  it.each(Object.keys(arithmeticVectors))('%s reads its operands before it writes rd', (name) => {
    const [a, b, result] = arithmeticVectors[name]![0]!
    expect(compute(name, a, b, 1).x[1]).toBe(result)
  })

  const branches = Object.entries(branchVectors).flatMap(([name, vectors]) => vectors.map((v) => [name, ...v] as const))
  it.each(branches)('%s of %i and %i goes to its target: %s', (name, a, b, taken) => {
    for (const imm of [8, 4094 - 2, -4096]) {
      const machine = guest([asm(name, { rs1: 1, rs2: 2, imm })])
      machine.hart.x[1] = a
      machine.hart.x[2] = b
      run(machine, 1)
      expect(machine.hart.pc).toBe(taken ? START + imm : START + 4)
    }
  })

  const loads = Object.entries(loadVectors).flatMap(([name, vectors]) => vectors.map((v) => [name, ...v] as const))
  it.each(loads)('%s at offset %i gives %i', (name, offset, result) => {
    const machine = guest([
      asm(name, { rd: 3, rs1: 1, imm: offset - 64 }),
      asm(name, { rd: 0, rs1: 1, imm: offset - 64 }),
    ])
    machine.writeMemory(DATA, new Uint8Array(Int32Array.of(LOADED_WORD).buffer))
    machine.hart.x[1] = DATA + 64
    run(machine, 2)
    expect(machine.hart.x[3]).toBe(result)
    expect(machine.hart.x[0]).toBe(0)
  })

  const stores = Object.entries(storeVectors).flatMap(([name, vectors]) => vectors.map((v) => [name, ...v] as const))
  it.each(stores)('%s at offset %i', (name, offset, word) => {
    const machine = guest([asm(name, { rs1: 1, rs2: 2, imm: offset + 2000 })])
    machine.hart.x[1] = DATA - 2000
    machine.hart.x[2] = 0x1122_3344
    run(machine, 1)
    expect(machine.readMemory(DATA, 4)).toEqual(new Uint8Array(Int32Array.of(word).buffer))
  })

  const amos = Object.entries(amoVectors).flatMap(([name, vectors]) => vectors.map((v) => [name, ...v] as const))
  it.each(amos)('%s on %i with %i leaves %i', (name, word, operand, after) => {
    const machine = guest([asm(name, { rd: 3, rs1: 1, rs2: 2 }), asm(name, { rd: 0, rs1: 1, rs2: 0 })], ALL)
    machine.writeMemory(DATA, new Uint8Array(Int32Array.of(word).buffer))
    machine.hart.x[1] = DATA
    machine.hart.x[2] = operand
    run(machine, 1)
    expect(machine.hart.x[3]).toBe(word)
    expect(machine.readMemory(DATA, 4)).toEqual(new Uint8Array(Int32Array.of(after).buffer))
    run(machine, 1)
    expect(machine.hart.x[0]).toBe(0)
  })

  it('lui and auipc', () => {
    const machine = guest([asm('lui', { rd: 1, imm: 0x8765_4000 }), asm('auipc', { rd: 2, imm: 0x1000 })])
    run(machine, 2)
    expect(machine.hart.x[1]! >>> 0).toBe(0x8765_4000)
    expect(machine.hart.x[2]! >>> 0).toBe(START + 0x1004)
  })

  it('jal links and jumps both ways', () => {
    for (const imm of [12, -0x10_0000, 0xf_fffc]) {
      const machine = guest([asm('jal', { rd: 1, imm })])
      run(machine, 1)
      expect(machine.hart.pc).toBe((START + imm) >>> 0)
      expect(machine.hart.x[1]! >>> 0).toBe(START + 4)
    }
  })

  it('jalr clears bit 0 of its target and may use one register for target and link', () => {
    const machine = guest([asm('jalr', { rd: 1, rs1: 1, imm: -3 })])
    machine.hart.x[1] = START + 0x104
    run(machine, 1)
    expect(machine.hart.pc).toBe(START + 0x100)
    expect(machine.hart.x[1]! >>> 0).toBe(START + 4)
  })

  it('jalr wraps around the address space', () => {
    const machine = guest([asm('jalr', { rd: 1, rs1: 1, imm: 2047 })])
    machine.hart.x[1] = -2047 + 16
    run(machine, 1)
    expect(machine.hart.pc).toBe(16)
  })

  it('fences do nothing', () => {
    const machine = guest([asm('fence'), 0x0ff0_000f, 0x8330_000f, asm('fence.i'), ...li(1, 7)])
    run(machine, 6)
    expect(machine.hart.x[1]).toBe(7)
    expect(machine.hart.instructions).toBe(6)
  })
})

it('runs a loop whose code crosses a block of decoded code', () => {
  const top = START + 0x1_0000 - 8
  const machine = guest([])
  const loop = [asm('addi', { rd: 1, rs1: 1, imm: 1 }), asm('addi', { rd: 2, rs1: 2, imm: 3 })]
  const back = [asm('bne', { rs1: 1, rs2: 3, imm: -8 }), ...exit]
  machine.writeMemory(top, new Uint8Array(Int32Array.from([...loop, ...back]).buffer))
  machine.hart.pc = top
  machine.hart.x[3] = 1000
  const result = machine.run()
  expect(registers(machine).slice(1, 3)).toEqual([1000, 3000])
  expect(result).toMatchObject({ reason: 'exit', instructions: 3005, cycles: 3005 })
})
