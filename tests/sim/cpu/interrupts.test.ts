import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { asm, exit, guest, HANDLER, li, START } from '../guest.ts'

const MSIP = 0x0200_0000
const MTIMECMP = 0x0200_4000
const DIVIDER = 10

const set = (register: number, value: number) => [...li(5, value), asm('csrrs', { rs1: 5, imm: register })]
const store = (address: number, value: number) => [...li(6, address), ...li(7, value), asm('sw', { rs1: 6, rs2: 7 })]
const enable = (bit: number) => [...set(csr.mie, 1 << bit), ...set(csr.mstatus, 8)]
/** mtimecmp = ticks */
const timer = (ticks: number) => [...store(MTIMECMP + 4, 0), ...store(MTIMECMP, ticks)]
const wfi = asm('wfi')
const spin = asm('jal', { imm: 0 })

describe('the timer interrupt', () => {
  it('is taken at the first instruction that starts at or after its cycle', () => {
    const straight = Array(200).fill(asm('addi', { rd: 1, rs1: 1, imm: 1 }))
    const machine = guest([...timer(8), ...enable(7), ...straight], {
      handler: [asm('csrrs', { rd: 10, imm: csr.mcycle }), ...exit],
    })
    machine.run()
    expect(machine.hart.csrs.read(csr.mcause)).toBe(0x8000_0000 | 7 | 0)
    expect(machine.hart.x[10]).toBe(8 * DIVIDER)
    expect(machine.hart.csrs.read(csr.mepc) >>> 0).toBe(START + 8 * DIVIDER * 4)
    expect(machine.hart.csrs.read(csr.mtval)).toBe(0)
  })

  it('stays pending while mstatus disables interrupts and is taken when they are enabled', () => {
    const machine = guest(
      [...timer(1), ...set(csr.mie, 0x80), ...Array(30).fill(asm('addi')), ...set(csr.mstatus, 8)],
      {
        handler: exit,
      },
    )
    machine.run()
    expect(machine.hart.csrs.read(csr.mepc) >>> 0).toBe(START + (10 + 3 + 30 + 3) * 4)
  })

  it('goes away when mtimecmp moves on', () => {
    const machine = guest([
      ...timer(1),
      ...Array(20).fill(asm('addi')),
      ...timer(1000),
      asm('csrrs', { rd: 1, imm: csr.mip }),
      ...exit,
    ])
    machine.run()
    expect(machine.hart.x[1]).toBe(0)
  })
})

describe('vectored interrupts', () => {
  it.each([
    [3, MSIP],
    [7, MTIMECMP],
  ])('interrupt %i enters at four times its code', (code, address) => {
    const handlers = Array(12).fill(spin)
    const program = [
      ...li(1, HANDLER + 1),
      asm('csrrw', { rs1: 1, imm: csr.mtvec }),
      ...store(address, 1),
      ...(code === 7 ? store(address + 4, 0) : []),
      ...enable(code),
      ...Array(50).fill(asm('addi')),
    ]
    const machine = guest(program, { handler: handlers })
    machine.hart.csrs.write(csr.mtvec, 0)
    machine.run({ maxInstructions: 60 })
    expect(machine.hart.pc).toBe(HANDLER + 4 * code)
  })
})

it('the software interrupt comes before the timer interrupt', () => {
  const machine = guest([...timer(0), ...store(MSIP, 1), ...set(csr.mie, 0x88), ...set(csr.mstatus, 8)], {
    handler: exit,
  })
  machine.run()
  expect(machine.hart.csrs.read(csr.mcause)).toBe(0x8000_0000 | 3 | 0)
})

describe('wfi', () => {
  it('sleeps to the next event in no time of the host', () => {
    const machine = guest([...timer(1_000_000), ...enable(7), wfi, ...exit], { handler: exit })
    const result = machine.run()
    expect(result).toMatchObject({ reason: 'exit', cycles: 1_000_000 * DIVIDER + exit.length })
    expect(machine.hart.csrs.read(csr.mepc) >>> 0).toBe(START + (10 + 6 + 1) * 4)
  })

  it('goes on without a trap when interrupts are pending but disabled in mstatus', () => {
    const result = guest([...timer(100), ...set(csr.mie, 0x80), wfi, ...exit]).run()
    expect(result).toMatchObject({ reason: 'exit', instructions: 10 + 3 + 1 + exit.length })
  })

  it('does not wait when an interrupt is pending already', () => {
    const result = guest([...store(MSIP, 1), ...set(csr.mie, 8), wfi, ...exit]).run()
    expect(result).toMatchObject({ reason: 'exit', cycles: 5 + 3 + 1 + exit.length })
  })

  it('stops at the cycle limit while asleep, and goes on from there', () => {
    const machine = guest([...timer(1000), ...enable(7), wfi], { handler: exit })
    expect(machine.run({ maxCycles: 5000 })).toMatchObject({ reason: 'limit', exitCode: 124, cycles: 5000 })
    expect(machine.run()).toMatchObject({ reason: 'exit', cycles: 10_000 + exit.length })
  })
})

describe('deadlock', () => {
  const deadlock = (program: readonly number[]) => {
    const result = guest(program, { handler: exit }).run()
    expect(result).toMatchObject({ reason: 'deadlock', exitCode: 126 })
    return result.explanation
  }

  it('wfi with nothing enabled', () => {
    expect(deadlock([wfi])).toBe(
      'the hart waits (wfi before 0x80000004 in start+0x4) for nothing, as no interrupt is enabled in mie',
    )
  })

  it('wfi for a timer that was never set', () => {
    expect(deadlock([...enable(7), wfi])).toContain('the timer interrupt, but mtimecmp is never reached')
  })

  it('wfi for an external interrupt that the PLIC does not enable', () => {
    expect(deadlock([...enable(11), wfi])).toContain('an external interrupt, but none is enabled at the PLIC')
  })

  it('wfi for a quiet source', () => {
    const plic = 0x0c00_0000
    const program = [...store(plic + 40, 1), ...store(plic + 0x2000, 1 << 10), ...enable(11), wfi]
    expect(deadlock(program)).toContain('an external interrupt, but source 10 stays quiet')
  })

  it('a jump to itself', () => {
    expect(deadlock([spin])).toBe(
      'the hart jumps to itself at 0x80000000 in start with interrupts disabled in mstatus and nothing is left to happen',
    )
  })

  it('a branch to itself whose condition cannot change', () => {
    expect(deadlock([asm('beq', { imm: 0 })])).toContain('jumps to itself at 0x80000000')
  })

  it('is none while a timer can still end the loop: time passes exactly', () => {
    const machine = guest([...timer(1000), ...enable(7), spin], { handler: exit })
    expect(machine.run()).toMatchObject({
      reason: 'exit',
      cycles: 10_000 + exit.length,
      instructions: 10_000 + exit.length,
    })
  })

  it('a loop to itself counts up to the instruction limit', () => {
    const machine = guest([...timer(1000), spin])
    expect(machine.run({ maxInstructions: 777 })).toMatchObject({ reason: 'limit', instructions: 777, cycles: 777 })
  })
})
