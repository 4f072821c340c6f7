import { describe, expect, it } from 'vitest'
import { csr, csrRows } from '../../../sim/cpu/csr/rows.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import type { Machine } from '../../../sim/machine.ts'
import { asm, bytes, exit, guest, HANDLER, li, START } from '../guest.ts'

/** Where user code stands. */
const USER = START + 0x400
const MPIE = 0x80
const MIE = 8
const MPP = 0x1800
const MPRV = 1 << 17
const TW = 1 << 21

/** One PMP entry that permits everything. */
const openPmp = [
  ...li(1, -1),
  asm('csrrw', { rs1: 1, imm: 0x3b0 }),
  ...li(1, 0x1f),
  asm('csrrw', { rs1: 1, imm: 0x3a0 }),
]
const enter = [...li(1, USER), asm('csrrw', { rs1: 1, imm: csr.mepc }), asm('mret')]

/** Runs `user` in user mode until its first trap, with `setup` before it in machine mode. */
function inUserMode(user: readonly number[], setup: readonly number[] = []): Machine {
  const machine = guest([...openPmp, ...setup, ...enter], { handler: exit })
  machine.writeMemory(USER, bytes(user))
  expect(machine.run({ maxInstructions: 1000 }).reason).toBe('exit')
  return machine
}

const read = (machine: Machine, register: number) => machine.hart.csrs.read(register) >>> 0
const found = (machine: Machine) => [csr.mcause, csr.mtval, csr.mepc].map((register) => read(machine, register))

describe('mode changes', () => {
  it('mret goes to the mode in MPP, a trap stacks it', () => {
    const machine = inUserMode([asm('ecall')])
    expect(found(machine)).toEqual([cause.userCall, 0, USER])
    expect(read(machine, csr.mstatus) & MPP).toBe(0)
    expect(machine.hart.privilege).toBe(3)
  })

  it('mret to user mode clears MPRV, mret to machine mode keeps it', () => {
    const set = [...li(1, MPRV), asm('csrrs', { rs1: 1, imm: csr.mstatus })]
    expect(read(inUserMode([asm('ecall')], set), csr.mstatus) & MPRV).toBe(0)
    const machine = guest([...li(1, MPRV | MPP), asm('csrrs', { rs1: 1, imm: csr.mstatus }), ...enter])
    machine.run({ maxInstructions: 7 })
    expect(read(machine, csr.mstatus) & MPRV).toBe(MPRV)
  })

  it('interrupts are taken in user mode whatever MIE says', () => {
    const setup = [
      ...li(1, 0x0200_0000),
      ...li(2, 1),
      asm('sw', { rs1: 1, rs2: 2 }),
      asm('csrrwi', { rs1: 8, imm: csr.mie }),
    ]
    const machine = inUserMode([asm('addi')], setup)
    expect(found(machine)).toEqual([0x8000_0003, 0, USER])
    expect(read(machine, csr.mstatus) & (MIE | MPIE)).toBe(0)
  })
})

describe('what is illegal', () => {
  const illegal = (instruction: number, setup: readonly number[] = []) =>
    expect(found(inUserMode([asm('addi'), instruction], setup))).toEqual([
      cause.illegalInstruction,
      instruction >>> 0,
      USER + 4,
    ])

  it('mret', () => illegal(asm('mret')))
  it('wfi under TW', () => illegal(asm('wfi'), [...li(1, TW), asm('csrrs', { rs1: 1, imm: csr.mstatus })]))
  it('wfi is legal without TW', () => {
    const setup = [...li(1, 0x0200_0000), ...li(2, 1), asm('sw', { rs1: 1, rs2: 2 })]
    expect(found(inUserMode([asm('wfi'), asm('ecall')], [...setup, asm('csrrwi', { rs1: 8, imm: csr.mie })]))[0]).toBe(
      0x8000_0003,
    )
  })

  const machineRegisters = csrRows.filter(({ address }) => ((address >>> 8) & 3) === 3)
  it.each(machineRegisters.map(({ name, address }) => [name, address] as const))('reading %s', (_, address) =>
    illegal(asm('csrrs', { rd: 5, imm: address })),
  )

  const counters = csrRows.filter(({ address }) => address >>> 8 === 0xc)
  it.each(counters.map(({ name, address }) => [name, address] as const))(
    '%s without its bit in mcounteren',
    (_, address) => {
      const bit = 1 << (address & 31)
      illegal(asm('csrrs', { rd: 5, imm: address }), [...li(1, ~bit), asm('csrrw', { rs1: 1, imm: csr.mcounteren })])
      const implemented = (address & 31) <= 10
      if (!implemented) return
      const setup = [...li(1, bit), asm('csrrw', { rs1: 1, imm: csr.mcounteren })]
      expect(found(inUserMode([asm('csrrs', { rd: 5, imm: address }), asm('ecall')], setup))[0]).toBe(cause.userCall)
    },
  )

  it('writing to a counter that may be read', () =>
    illegal(asm('csrrw', { imm: csr.cycle }), [asm('csrrwi', { rs1: 7, imm: csr.mcounteren })]))
})

it('without any PMP entry user mode may fetch nothing', () => {
  const messages: string[] = []
  const machine = guest(enter, { handler: exit, diagnostic: (message) => messages.push(message) })
  machine.run()
  expect(found(machine)).toEqual([cause.fetchFault, USER, USER])
  expect(messages).toEqual([
    'instruction access fault (0x80000400, which the PMP denies) at pc 0x80000400 in start+0x400',
  ])
})

it('the handler runs in machine mode', () => {
  const machine = guest([...openPmp, ...enter], { handler: [asm('csrrs', { rd: 7, imm: csr.mcause }), ...exit] })
  machine.writeMemory(USER, bytes([asm('ecall')]))
  expect(machine.run().reason).toBe('exit')
  expect(machine.hart.x[7]).toBe(cause.userCall)
  expect(HANDLER).toBe(read(machine, csr.mtvec))
})
