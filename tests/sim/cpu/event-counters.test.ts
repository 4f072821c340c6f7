import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { hartEvents } from '../../../sim/cpu/event-counts.ts'
import type { MachineOptions } from '../../../sim/machine.ts'
import { asm, guest, li, START } from '../guest.ts'

const DATA = START + 0x800
const event = (name: string) => 1 + hartEvents.findIndex((row) => row.name === name)
const counter = 0xb03
const selector = 0x323

/** What mhpmcounter3 counts of one event over a program, to its end or an instruction limit. */
function count(
  name: string,
  program: readonly number[],
  maxInstructions: number,
  options: MachineOptions & { handler?: readonly number[] } = {},
) {
  const machine = guest(program, { isa: 'rv32ima', ...options })
  machine.hart.csrs.write(selector, event(name))
  machine.hart.x[1] = DATA
  machine.run({ maxInstructions })
  return machine.hart.csrs.read(counter)
}

const lw = asm('lw', { rd: 3, rs1: 1 })
const sw = asm('sw', { rs1: 1, rs2: 3 })
const amo = asm('amoadd.w', { rd: 3, rs1: 1, rs2: 2 })
const uart = [...li(2, 0x1000_0000), asm('lbu', { rd: 3, rs1: 2, imm: 5 })]
/** Counts x5 from 5 down: five branches, four of them taken. */
const loop = [
  asm('addi', { rd: 5, imm: 5 }),
  asm('addi', { rd: 5, rs1: 5, imm: -1 }),
  asm('bne', { rs1: 5, rs2: 0, imm: -4 }),
]
const handler = [
  asm('csrrs', { rd: 6, imm: csr.mepc }),
  asm('addi', { rd: 6, rs1: 6, imm: 4 }),
  asm('csrrw', { rs1: 6, imm: csr.mepc }),
  asm('mret'),
]

describe('events', () => {
  it('loads: from memory, from devices, by amo', () => expect(count('loads', [lw, lw, sw, amo, ...uart], 7)).toBe(4))
  it('stores', () => expect(count('stores', [sw, lw, sw, amo], 4)).toBe(3))
  it('branches', () => expect(count('branches', loop, 11)).toBe(5))
  it('taken', () => expect(count('taken', loop, 11)).toBe(4))
  it('exceptions: a faulting load is none of the loads', () => {
    const program = [...li(1, 0x2000_0000), lw, asm('ecall')]
    expect(count('exceptions', program, 2 + 2 * handler.length, { handler })).toBe(2)
    expect(count('loads', program, 2 + 2 * handler.length, { handler })).toBe(0)
  })
  it('interrupts', () => {
    const program = [
      ...li(2, 0x0200_0000),
      ...li(3, 1),
      asm('sw', { rs1: 2, rs2: 3 }),
      asm('csrrwi', { rs1: 8, imm: csr.mie }),
      asm('csrrsi', { rs1: 8, imm: csr.mstatus }),
      asm('addi'),
    ]
    expect(count('interrupts', program, 9, { handler: [asm('csrrwi', { imm: csr.mie }), asm('mret')] })).toBe(1)
  })
  it('stalls by DMA', () => {
    const machine = guest([lw, sw, asm('addi')])
    machine.hart.csrs.write(selector, event('dmaStalls'))
    machine.hart.x[1] = DATA
    machine.bus.dmaActive = true
    machine.run({ maxInstructions: 3 })
    expect(machine.hart.csrs.read(counter)).toBe(2)
  })
  it('have vectors each', () => {
    const tested = ['loads', 'stores', 'branches', 'taken', 'exceptions', 'interrupts', 'dmaStalls']
    expect(hartEvents.map(({ name }) => name)).toEqual(tested)
  })
})

it('a counter stands still without event, while inhibited, and while none runs nothing is observed', () => {
  const machine = guest([lw, lw, lw, lw, lw, lw])
  const { hart } = machine
  hart.x[1] = DATA
  hart.csrs.write(selector, event('loads'))
  expect(hart.observed).toBe(true)
  machine.run({ maxInstructions: 1 })
  hart.csrs.write(csr.mcountinhibit, 8)
  expect(hart.observed).toBe(false)
  machine.run({ maxInstructions: 3 })
  hart.csrs.write(csr.mcountinhibit, 0)
  machine.run({ maxInstructions: 4 })
  hart.csrs.write(selector, 0)
  machine.run({ maxInstructions: 6 })
  expect(hart.csrs.read(counter)).toBe(2)
})

it('a counter can be written, both halves, and counts on from there', () => {
  const machine = guest([lw, ...li(2, -1), asm('csrrw', { rs1: 2, imm: counter }), lw])
  machine.hart.x[1] = DATA
  machine.hart.csrs.write(selector, event('loads'))
  machine.run({ maxInstructions: 5 })
  expect([machine.hart.csrs.read(counter), machine.hart.csrs.read(counter + 0x80)]).toEqual([0, 1])
})

it('nothing is counted that no counter looks at, whoever carries it out', () => {
  const machine = guest([lw, sw, asm('beq', { imm: 4 }), lw, sw])
  machine.hart.x[1] = DATA
  for (let n = 0; n < 3; n++) machine.step()
  machine.run({ maxInstructions: 5 })
  expect(machine.hart.counts).toMatchObject({ loads: 0, stores: 0, branches: 0, taken: 0 })
})

it('an unknown event is none', () => {
  const { csrs } = guest([]).hart
  for (const unknown of [hartEvents.length + 1, -1, 1 << 16]) {
    csrs.write(selector, unknown)
    expect(csrs.read(selector)).toBe(0)
  }
})

it('a snapshot keeps counters and events', () => {
  const machine = guest([lw, lw, lw])
  machine.hart.x[1] = DATA
  machine.hart.csrs.write(selector, event('loads'))
  machine.run({ maxInstructions: 2 })
  const copy = guest([lw, lw, lw])
  copy.restore(machine.save())
  copy.run({ maxInstructions: 3 })
  expect(copy.hart.csrs.read(counter)).toBe(3)
})
