import { describe, expect, it } from 'vitest'
import { Memory } from '../../../sim/bus/memory.ts'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import type { Machine, MachineOptions } from '../../../sim/machine.ts'
import { asm, exit, guest, START } from '../guest.ts'

const DATA = START + 0x800
const UART = 0x1000_0000
const ISA = { isa: 'rv32ima' } as const

const lr = asm('lr.w', { rd: 3, rs1: 1 })
const sc = asm('sc.w', { rd: 4, rs1: 1, rs2: 2 })

function word(machine: Machine): number {
  return new DataView(machine.readMemory(DATA, 4).buffer).getInt32(0, true)
}

/** Runs with x1 = DATA, x2 = 99 and 7 at DATA. */
function run(program: readonly number[], options: MachineOptions & { handler?: readonly number[] } = {}) {
  const machine = guest(program, { ...ISA, ...options })
  machine.writeMemory(DATA, Uint8Array.of(7, 0, 0, 0))
  machine.hart.x[1] = DATA
  machine.hart.x[2] = 99
  machine.run({ maxInstructions: program.length })
  return machine
}

describe('lr and sc', () => {
  it('store and give 0 when nothing came between', () => {
    const machine = run([lr, asm('addi', { rd: 2, rs1: 3, imm: 1 }), sc])
    expect([machine.hart.x[3], machine.hart.x[4], word(machine)]).toEqual([7, 0, 8])
  })

  const broken: Readonly<Record<string, readonly number[]>> = {
    'there is no reservation': [sc],
    'it is of another word': [asm('addi', { rd: 5, rs1: 1, imm: 4 }), asm('lr.w', { rd: 3, rs1: 5 }), sc],
    'the word was stored to': [lr, asm('sb', { rs1: 1, rs2: 0, imm: 3 }), sc],
    'another sc came first': [lr, asm('sc.w', { rd: 5, rs1: 1, rs2: 3 }), sc],
    'an amo came first': [lr, asm('amoor.w', { rd: 5, rs1: 1, rs2: 0 }), sc],
  }
  it.each(Object.entries(broken))('fail when %s', (_, program) => {
    const machine = run(program)
    expect([machine.hart.x[4], word(machine)]).toEqual([1, 7])
  })

  it('survive stores beside the word', () => {
    expect(run([lr, asm('sw', { rs1: 1, rs2: 2, imm: 4 }), asm('sb', { rs1: 1, imm: -1 }), sc]).hart.x[4]).toBe(0)
  })

  it('fail after the DMA wrote to the word, and only then', () => {
    for (const [offset, result] of [
      [-4, 0],
      [2, 1],
    ] as const) {
      const machine = guest([lr, sc], ISA)
      machine.hart.x[1] = DATA
      machine.run({ maxInstructions: 1 })
      machine.bus.master().write(DATA + offset, Uint8Array.of(1, 2))
      machine.run({ maxInstructions: 2 })
      expect(machine.hart.x[4]).toBe(result)
    }
  })

  it('fail after a trap', () => {
    const skip = [asm('csrrs', { rd: 6, imm: csr.mepc }), asm('addi', { rd: 6, rs1: 6, imm: 4 })]
    const handler = [...skip, asm('csrrw', { rs1: 6, imm: csr.mepc }), asm('mret')]
    const machine = guest([lr, asm('ecall'), sc], { ...ISA, handler })
    machine.hart.x[1] = DATA
    machine.run({ maxInstructions: 2 + handler.length })
    expect(machine.hart.x[4]).toBe(1)
  })

  it('keep the reservation in a snapshot', () => {
    const machine = guest([lr, sc], ISA)
    machine.hart.x[1] = DATA
    machine.run({ maxInstructions: 1 })
    const copy = guest([lr, sc], ISA)
    copy.restore(machine.save())
    for (const one of [machine, copy]) {
      one.run({ maxInstructions: 2 })
      expect(one.hart.x[4]).toBe(0)
    }
  })
})

describe('traps', () => {
  const found = (instruction: number, address: number, options: MachineOptions = {}) => {
    const machine = guest([instruction], { ...ISA, ...options, handler: exit })
    machine.hart.x[1] = address
    machine.run()
    return [machine.hart.csrs.read(csr.mcause), machine.hart.csrs.read(csr.mtval) >>> 0]
  }
  const amo = asm('amoadd.w', { rd: 3, rs1: 1, rs2: 2 })

  it.each(['trap', 'hardware'] as const)('misaligned addresses always trap, also with misaligned: %s', (misaligned) => {
    expect(found(lr, DATA + 2, { misaligned })).toEqual([cause.loadMisaligned, DATA + 2])
    expect(found(sc, DATA + 1, { misaligned })).toEqual([cause.storeMisaligned, DATA + 1])
    expect(found(amo, DATA + 3, { misaligned })).toEqual([cause.storeMisaligned, DATA + 3])
  })

  it.each([0x2000_0000, UART])('only memory has atomics: 0x%x', (address) => {
    expect(found(lr, address)).toEqual([cause.loadFault, address])
    expect(found(sc, address)).toEqual([cause.storeFault, address])
    expect(found(amo, address)).toEqual([cause.storeFault, address])
  })

  it('lr with an rs2 field, and anything without A, is illegal', () => {
    expect(found(lr | (1 << 20), DATA)[0]).toBe(cause.illegalInstruction)
    expect(found(amo, DATA, { isa: 'rv32im' })[0]).toBe(cause.illegalInstruction)
  })
})

it('an amo pays for two accesses to slow memory', () => {
  const machine = run([asm('amoswap.w', { rd: 3, rs1: 1, rs2: 2 })])
  machine.bus.dmaActive = true
  machine.hart.pc = START
  machine.run({ maxCycles: machine.hart.cycles + 1 })
  expect([machine.hart.cycles, machine.bus.hartAccesses]).toEqual([4, 2])
})

it('an amo that may not store leaves its destination as it was', () => {
  const machine = guest([asm('amoswap.w', { rd: 3, rs1: 1, rs2: 2 })], ISA)
  const rom = new Memory('rom', 0x2000_0000, 64, { readOnly: true })
  rom.bytes[0] = 7
  machine.bus.attach({ name: 'rom', base: rom.base, size: rom.size, device: rom })
  machine.hart.x.set([0, rom.base, 99, 5])
  machine.run({ maxCycles: 1 })
  expect([machine.hart.csrs.get(csr.mcause), machine.hart.x[3]]).toEqual([cause.storeFault, 5])
})
