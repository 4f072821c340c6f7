import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { MACHINE, PMP_ALL, PMP_EXECUTE, PMP_READ, PMP_WRITE, Pmp, USER } from '../../../sim/cpu/pmp.ts'
import { stepInstruction } from '../../../sim/cpu/step.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import type { Machine, MachineOptions } from '../../../sim/machine.ts'
import { asm, bytes, exit, guest, registers, START } from '../guest.ts'

const R = PMP_READ
const W = PMP_WRITE
const X = PMP_EXECUTE
const TOR = 0x08
const NA4 = 0x10
const NAPOT = 0x18
const LOCK = 0x80

/** Address register of a naturally aligned power-of-two region. */
const napot = (base: number, size: number) => base / 4 + size / 8 - 1

function pmpOf(entries: readonly (readonly [config: number, address: number])[]): Pmp {
  const pmp = new Pmp()
  for (const [index, [, address]] of entries.entries()) pmp.writeAddress(index, address)
  for (let register = 0; register < 4; register++) {
    const word = [0, 1, 2, 3].reduce((sum, i) => sum | ((entries[register * 4 + i]?.[0] ?? 0) << (8 * i)), 0)
    pmp.writeConfigs(register, word)
  }
  return pmp
}

describe('matching', () => {
  const inside = (pmp: Pmp, address: number, size = 4) => pmp.allows(USER, R, address, size)

  it('NA4 is four bytes', () => {
    const pmp = pmpOf([[NA4 | R, 0x1000 / 4]])
    expect([0xffc, 0x1000, 0x1004].map((address) => inside(pmp, address))).toEqual([false, true, false])
  })

  it.each([8, 16, 4096, 2 ** 31])('NAPOT of %i bytes', (size) => {
    const base = size === 2 ** 31 ? size : 4 * size
    const pmp = pmpOf([[NAPOT | R, napot(base, size)]])
    const places = [base - 4, base, base + size - 4, base + size]
    expect(places.map((address) => inside(pmp, address))).toEqual([false, true, true, false])
  })

  it('NAPOT of all ones is everything', () => {
    const pmp = pmpOf([[NAPOT | R, -1]])
    expect([0, 2 ** 32 - 4].map((address) => inside(pmp, address))).toEqual([true, true])
  })

  it('TOR goes from the entry before, from 0 for the first, and is empty when they are out of order', () => {
    const pmp = pmpOf([
      [TOR | R, 0x100 / 4],
      [0, 0x400 / 4],
      [TOR | R, 0x500 / 4],
      [TOR | R, 0x300 / 4],
    ])
    expect([0, 0xfc, 0x100, 0x3fc, 0x400, 0x4fc, 0x500].map((address) => inside(pmp, address))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ])
  })

  it('OFF matches nothing', () => expect(inside(pmpOf([[R, 0x1000 / 4]]), 0x1000)).toBe(false))

  it('the first entry that matches decides', () => {
    const pmp = pmpOf([
      [NA4, 0x1000 / 4],
      [NAPOT | R, napot(0x1000, 0x1000)],
    ])
    expect([0x1000, 0x1004].map((address) => inside(pmp, address))).toEqual([false, true])
  })

  it('an entry that matches a part of an access denies it, to machine mode too', () => {
    const pmp = pmpOf([
      [NA4 | R, 0x1000 / 4],
      [NAPOT | R, napot(0x1000, 0x1000)],
    ])
    expect(inside(pmp, 0x1002)).toBe(false)
    expect(pmp.allows(MACHINE, R, 0x1002, 4)).toBe(false)
    expect(pmp.allows(MACHINE, R, 0x1004, 4)).toBe(true)
  })

  it('machine mode is bound by locked entries only', () => {
    const pmp = pmpOf([
      [NA4 | R, 0x1000 / 4],
      [NA4 | R | LOCK, 0x1004 / 4],
    ])
    expect([0x1000, 0x1004, 0x1008].map((address) => pmp.allows(MACHINE, W, address, 4))).toEqual([true, false, true])
  })
})

describe('registers', () => {
  it('write permission alone becomes none; reserved bits are zero', () => {
    expect(pmpOf([[W | 0x60, 0]]).readConfigs(0)).toBe(0)
    expect(pmpOf([[W | X | NA4, 0]]).readConfigs(0)).toBe(X | NA4)
  })

  it('a locked entry keeps configuration and address, its neighbours in the register do not', () => {
    const pmp = pmpOf([
      [NA4 | LOCK, 1],
      [NA4, 2],
    ])
    pmp.writeConfigs(0, 0)
    pmp.writeAddress(0, 5)
    pmp.writeAddress(1, 6)
    expect([pmp.readConfigs(0), pmp.readAddress(0), pmp.readAddress(1)]).toEqual([NA4 | LOCK, 1, 6])
  })

  it('a locked top of range keeps the address below it', () => {
    const pmp = pmpOf([
      [0, 1],
      [TOR | LOCK, 2],
    ])
    pmp.writeAddress(0, 7)
    expect(pmp.readAddress(0)).toBe(1)
    const unlocked = pmpOf([
      [0, 1],
      [NA4 | LOCK, 2],
    ])
    unlocked.writeAddress(0, 7)
    expect(unlocked.readAddress(0)).toBe(7)
  })
})

const CODE = START
const DATA = START + 0x2000

/** In user mode at CODE, which may be executed, with x1 = DATA and entries from 1 on as given. */
function user(code: readonly number[], entries: readonly (readonly [number, number])[], options: MachineOptions = {}) {
  const machine = guest(code, { handler: exit, ...options })
  const { hart } = machine
  const all = [[NAPOT | X | R, napot(CODE, 0x800)] as const, ...entries]
  all.forEach(([, address], index) => {
    hart.csrs.write(0x3b0 + index, address)
  })
  for (let register = 0; register < 2; register++) {
    const word = [0, 1, 2, 3].reduce((sum, i) => sum | ((all[register * 4 + i]?.[0] ?? 0) << (8 * i)), 0)
    hart.csrs.write(0x3a0 + register, word)
  }
  hart.csrs.write(csr.mepc, CODE)
  hart.returnFromTrap()
  hart.x[1] = DATA
  return machine
}

const found = ({ hart }: Machine) => [csr.mcause, csr.mtval, csr.mepc].map((r) => hart.csrs.read(r) >>> 0)

describe('faults', () => {
  const readable = [NAPOT | R, napot(DATA, 64)] as const
  const writable = [NAPOT | R | W, napot(DATA, 64)] as const
  const lw = (imm: number) => asm('lw', { rd: 5, rs1: 1, imm })
  const sw = (imm: number) => asm('sw', { rs1: 1, rs2: 2, imm })
  const run = (...given: Parameters<typeof user>) => {
    const machine = user(...given)
    machine.run()
    return found(machine)
  }

  it('load, store and atomics, with the address in mtval', () => {
    expect(run([lw(60), lw(64)], [readable])).toEqual([cause.loadFault, DATA + 64, CODE + 4])
    expect(run([sw(0)], [readable])).toEqual([cause.storeFault, DATA, CODE])
    expect(run([sw(60), sw(64)], [writable])).toEqual([cause.storeFault, DATA + 64, CODE + 4])
    const amo = asm('amoadd.w', { rd: 5, rs1: 1, rs2: 2 })
    expect(run([amo], [readable], { isa: 'rv32ima' })).toEqual([cause.storeFault, DATA, CODE])
    expect(run([amo], [[NAPOT | X, napot(DATA, 64)]], { isa: 'rv32ima' })).toEqual([cause.storeFault, DATA, CODE])
    expect(run([asm('lr.w', { rd: 5, rs1: 1 })], [], { isa: 'rv32ima' })).toEqual([cause.loadFault, DATA, CODE])
  })

  it('devices are protected as memory is', () => {
    const uart = 0x1000_0000
    const machine = user(
      [asm('lbu', { rd: 5, rs1: 2, imm: 5 }), asm('lbu', { rd: 5, rs1: 2, imm: 0 })],
      [[NA4 | R, uart / 4 + 1]],
    )
    machine.hart.x[2] = uart
    machine.run()
    expect(found(machine)).toEqual([cause.loadFault, uart, CODE + 4])
  })

  it('a misaligned access must lie in one entry', () => {
    const two = [readable, [NAPOT | R, napot(DATA + 64, 64)] as const]
    expect(run([lw(58), lw(62)], two, { misaligned: 'hardware' })).toEqual([cause.loadFault, DATA + 62, CODE + 4])
    expect(run([lw(62)], two, { misaligned: 'trap' })).toEqual([cause.loadMisaligned, DATA + 62, CODE])
  })

  it('fetches: by a jump, by going on, and of the second half of an instruction', () => {
    const jump = run([asm('jalr', { rs1: 1 })], [readable])
    expect(jump).toEqual([cause.fetchFault, DATA, DATA])
    const machine = user([], [])
    machine.writeMemory(CODE + 0x7f8, bytes([asm('addi'), asm('addi'), asm('addi')]))
    machine.hart.pc = CODE + 0x7f8
    machine.run()
    expect(found(machine)).toEqual([cause.fetchFault, CODE + 0x800, CODE + 0x800])
    const split = user([], [], { isa: 'rv32imc' })
    split.writeMemory(CODE + 0x7fe, bytes([asm('addi')]))
    split.hart.pc = CODE + 0x7fe
    split.run()
    expect(found(split)).toEqual([cause.fetchFault, CODE + 0x800, CODE + 0x7fe])
  })

  it('MPRV makes machine mode access as MPP, and fetch as itself', () => {
    const machine = guest([lw(0), lw(64)], { handler: exit })
    const { csrs, x } = machine.hart
    csrs.write(0x3b0, readable[1])
    csrs.write(0x3a0, readable[0])
    csrs.write(csr.mstatus, 1 << 17)
    x[1] = DATA
    machine.run()
    // The handler itself runs under MPRV, but MPP is machine mode by then.
    expect(found(machine)).toEqual([cause.loadFault, DATA + 64, START + 4])
  })

  it('locked entries bind machine mode', () => {
    const machine = guest([sw(0)], { handler: exit })
    const { csrs, x } = machine.hart
    csrs.write(0x3b0, readable[1])
    csrs.write(0x3a0, readable[0] | LOCK)
    x[1] = DATA
    machine.run()
    expect(found(machine)).toEqual([cause.storeFault, DATA, START])
  })
})

describe('engines', () => {
  it('one entry that permits all of memory costs nothing', () => {
    const machine = user([], [[NAPOT | PMP_ALL, -1]])
    expect(machine.hart.observed).toBe(true)
    machine.hart.csrs.write(0x3a0, (NAPOT | PMP_ALL) << 8)
    expect(machine.hart.observed).toBe(false)
  })

  it('the observed interpreter does what the stepper does', () => {
    const entry = fc.tuple(
      fc.constantFrom(TOR | R, NA4, NAPOT | R | W, NAPOT | PMP_ALL, TOR | PMP_ALL, TOR | R | W, NAPOT | X, 0),
      fc.integer({ min: 0, max: 0x90 }).map((words) => DATA / 4 - 0x48 + words),
    )
    const access = fc.record({
      name: fc.constantFrom('lw', 'sw', 'lb', 'sb', 'lh', 'sh'),
      imm: fc.integer({ min: -66, max: 66 }).map((n) => n * 4),
    })
    const skip = [asm('csrrs', { rd: 6, imm: csr.mepc }), asm('addi', { rd: 6, rs1: 6, imm: 4 })]
    const handler = [...skip, asm('csrrw', { rs1: 6, imm: csr.mepc }), asm('mret')]
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 6 }),
        fc.array(access, { minLength: 20, maxLength: 20 }),
        (entries, accesses) => {
          const code = accesses.map(({ name, imm }) => asm(name, { rd: 5, rs1: 1, rs2: 2, imm }))
          const [fast, slow] = [0, 1].map(() => user(code, entries, { handler } as MachineOptions)) as [
            Machine,
            Machine,
          ]
          fast.run({ maxInstructions: 60 })
          while (slow.hart.cycles < fast.hart.cycles) stepInstruction(slow.hart)
          expect(registers(slow)).toEqual(registers(fast))
          expect(slow.hart.pc).toBe(fast.hart.pc)
          expect(slow.hart.counts.save()).toEqual(fast.hart.counts.save())
          expect(slow.readMemory(DATA - 512, 1024)).toEqual(fast.readMemory(DATA - 512, 1024))
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })
})
