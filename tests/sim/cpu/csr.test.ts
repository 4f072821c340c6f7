import { describe, expect, it } from 'vitest'
import { csr, csrRows } from '../../../sim/cpu/csr/rows.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import { asm, exit, guest, HANDLER, li, START } from '../guest.ts'

const READ_ONLY = (address: number) => address >>> 10 === 3

/** What a register reads as after all ones and after zero were written. Rows left out: fixed at their reset value. */
const written: Readonly<Record<string, readonly [ones: number, zero: number]>> = {
  mstatus: [0x22_1888, 0],
  mie: [0x888, 0],
  mtvec: [-3, 0],
  mcounteren: [0x7ff, 0],
  mcountinhibit: [0x7fd, 0],
  mscratch: [-1, 0],
  mepc: [-4, 0],
  mcause: [-1, 0],
  mtval: [-1, 0],
  // No trigger of this type, nor of this number; see triggers.test.ts.
  tdata1: [0xf000_0000 | 0, 0xf000_0000 | 0],
  tdata2: [-1, 0],
  tcontrol: [0x88, 0],
  ...numbered('pmpcfg', 0, 3, [0x9f9f_9f9f | 0, 0]),
  ...numbered('pmpaddr', 0, 15, [-1, 0]),
  // No event is selected: these counters stand still.
  ...numbered('mhpmcounter', 3, 10, [-1, 0]),
  ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`mhpmcounter${i + 3}h`, [-1, 0] as const])),
}

function numbered(name: string, first: number, last: number, values: readonly [ones: number, zero: number]) {
  return Object.fromEntries(Array.from({ length: last - first + 1 }, (_, i) => [`${name}${first + i}`, values]))
}

const counters = new Set(['mcycle', 'mcycleh', 'minstret', 'minstreth'])

/** Reads a register by firmware, after having written `value` to it. */
function readBack(address: number, value: number): number {
  const machine = guest([
    ...li(1, value),
    asm('csrrw', { rs1: 1, imm: address }),
    asm('csrrs', { rd: 2, imm: address }),
  ])
  machine.run({ maxInstructions: 4 })
  return machine.hart.x[2]!
}

describe('every register', () => {
  const writable = csrRows.filter((row) => !READ_ONLY(row.address) && !counters.has(row.name))
  it.each(writable.map((row) => [row.name, row] as const))('%s keeps what its mask allows', (name, row) => {
    const reset = guest([]).hart.csrs.read(row.address)
    const [ones, zero] = written[name] ?? [reset, reset]
    expect(readBack(row.address, -1)).toBe(ones)
    expect(readBack(row.address, 0)).toBe(zero)
  })

  it.each(csrRows.filter((row) => READ_ONLY(row.address)).map((row) => [row.name, row.address] as const))(
    '%s is read-only: csrw is illegal, csrr is not',
    (_, address) => {
      const write = asm('csrrw', { rs1: 1, imm: address })
      const machine = guest([asm('csrrs', { rd: 1, imm: address }), write], { handler: exit })
      machine.run()
      expect(machine.hart.csrs.read(csr.mcause)).toBe(cause.illegalInstruction)
      expect(machine.hart.csrs.read(csr.mtval)).toBe(write)
      expect(machine.hart.csrs.read(csr.mepc) >>> 0).toBe(START + 4)
    },
  )

  it('has its own number and name', () => {
    expect(new Set(csrRows.map((row) => row.address)).size).toBe(csrRows.length)
    expect(new Set(csrRows.map((row) => row.name)).size).toBe(csrRows.length)
  })
})

describe('the instructions', () => {
  const scratch = csr.mscratch
  const outcome = (program: readonly number[]) => {
    const machine = guest([...li(1, 0b1100), ...li(2, 0b1010), asm('csrrw', { rs1: 1, imm: scratch }), ...program])
    machine.run({ maxInstructions: 5 + program.length })
    return [machine.hart.x[3], machine.hart.csrs.read(scratch)]
  }

  it('csrrw swaps', () => expect(outcome([asm('csrrw', { rd: 3, rs1: 2, imm: scratch })])).toEqual([0b1100, 0b1010]))
  it('csrrs sets', () => expect(outcome([asm('csrrs', { rd: 3, rs1: 2, imm: scratch })])).toEqual([0b1100, 0b1110]))
  it('csrrc clears', () => expect(outcome([asm('csrrc', { rd: 3, rs1: 2, imm: scratch })])).toEqual([0b1100, 0b0100]))
  it('csrrwi swaps', () => expect(outcome([asm('csrrwi', { rd: 3, rs1: 31, imm: scratch })])).toEqual([0b1100, 31]))
  it('csrrsi sets', () => expect(outcome([asm('csrrsi', { rd: 3, rs1: 3, imm: scratch })])).toEqual([0b1100, 0b1111]))
  it('csrrci clears', () => expect(outcome([asm('csrrci', { rd: 3, rs1: 4, imm: scratch })])).toEqual([0b1100, 0b1000]))
  it('rd and rs1 may be one register', () => {
    const swap = asm('csrrw', { rd: 2, rs1: 2, imm: scratch })
    expect(outcome([swap, asm('addi', { rd: 3, rs1: 2 })])).toEqual([0b1100, 0b1010])
  })

  it.each(['csrrs', 'csrrc', 'csrrsi', 'csrrci'])('%s with a zero operand field only reads', (name) => {
    const machine = guest([asm(name, { rd: 1, imm: 0xf14 }), ...exit], { handler: [] })
    expect(machine.run().reason).toBe('exit')
  })

  it('an unknown register is an illegal instruction', () => {
    const machine = guest([asm('csrrs', { rd: 1, imm: 0x180 })], { handler: exit })
    machine.run()
    expect(machine.hart.csrs.read(csr.mcause)).toBe(cause.illegalInstruction)
  })
})

describe('counters', () => {
  const read = (rd: number, address: number) => asm('csrrs', { rd, imm: address })

  it('count up to the start of the reading instruction', () => {
    const machine = guest([
      asm('addi'),
      read(1, csr.mcycle),
      read(2, csr.minstret),
      read(3, csr.cycle),
      read(4, csr.instret),
    ])
    machine.run({ maxInstructions: 5 })
    expect([...machine.hart.x.subarray(1, 5)]).toEqual([1, 2, 3, 4])
  })

  it('a write takes the place of its own increment', () => {
    const machine = guest([
      ...li(1, 100),
      asm('csrrw', { rs1: 1, imm: csr.minstret }),
      read(2, csr.minstret),
      asm('csrrw', { rs1: 1, imm: csr.mcycle }),
      read(3, csr.mcycle),
    ])
    machine.run({ maxInstructions: 6 })
    expect([...machine.hart.x.subarray(2, 4)]).toEqual([100, 100])
  })

  it('carry from the low to the high half', () => {
    const machine = guest([
      ...li(1, -1),
      asm('csrrw', { rs1: 1, imm: csr.mcycle }),
      asm('addi'),
      read(2, csr.mcycleh),
      read(3, csr.mcycle),
      asm('csrrwi', { rs1: 9, imm: csr.minstreth }),
      read(4, csr.instreth),
    ])
    machine.run({ maxInstructions: 8 })
    expect([...machine.hart.x.subarray(2, 5)]).toEqual([1, 1, 9])
  })

  it('stand still while inhibited', () => {
    const machine = guest([
      asm('csrrwi', { rs1: 5, imm: csr.mcountinhibit }),
      read(1, csr.mcycle),
      read(2, csr.minstret),
      asm('addi'),
      read(3, csr.mcycle),
      read(4, csr.minstret),
      asm('csrrwi', { rs1: 0, imm: csr.mcountinhibit }),
      asm('addi'),
      read(5, csr.mcycle),
    ])
    machine.run({ maxInstructions: 9 })
    const [, cycle, instret, cycleLater, instretLater, cycleAgain] = machine.hart.x
    expect([cycleLater, instretLater]).toEqual([cycle, instret])
    expect(cycleAgain! - cycleLater!).toBe(2)
  })

  it('time follows the 10 MHz timebase', () => {
    const machine = guest([...Array(25).fill(asm('addi')), read(1, csr.time), read(2, csr.timeh)])
    machine.run({ maxInstructions: 27 })
    expect([...machine.hart.x.subarray(1, 3)]).toEqual([2, 0])
  })
})

it('misa names the instruction set', () => {
  expect(guest([]).hart.csrs.read(csr.misa)).toBe(0x4010_1100)
  expect(guest([], { isa: 'rv32imc' }).hart.csrs.read(csr.misa)).toBe(0x4010_1104)
  expect(guest([], { isa: 'rv32imac_zba_zbb' }).hart.csrs.read(csr.misa)).toBe(0x4010_1105)
  expect(guest([], { isa: 'rv32imac_zba_zbb_zbs' }).hart.csrs.read(csr.misa)).toBe(0x4010_1107)
})

it('registers that are not fixed begin as zero, but for misa and disabled triggers', () => {
  const { csrs } = guest([]).hart
  const others = csrRows.filter((row) => csrs.read(row.address) !== 0).map((row) => row.name)
  expect(others).toEqual(['misa', 'tdata1', 'tinfo'])
})

it('MPP holds user and machine mode, and keeps its value when others are written', () => {
  expect(readBack(csr.mstatus, 0x1800)).toBe(0x1800)
  const { csrs } = guest([]).hart
  for (const [value, mpp] of [
    [0x0800, 0],
    [0x1800, 3],
    [0x1000, 3],
    [0x0800, 3],
    [0, 0],
  ] as const) {
    csrs.write(csr.mstatus, value)
    expect(csrs.read(csr.mstatus) >>> 11).toBe(mpp)
  }
})

it('mepc keeps bit 1 only with compressed instructions', () => {
  const write = [...li(1, HANDLER + 3), asm('csrrw', { rs1: 1, imm: csr.mepc })]
  for (const [isa, expected] of [
    ['rv32im', HANDLER],
    ['rv32imc', HANDLER + 2],
  ] as const) {
    const machine = guest(write, { isa })
    machine.run({ maxInstructions: 3 })
    expect(machine.hart.csrs.read(csr.mepc) >>> 0).toBe(expected)
  }
})
