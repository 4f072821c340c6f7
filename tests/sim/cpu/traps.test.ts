import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { cause } from '../../../sim/cpu/trap.ts'
import type { Machine, MachineOptions } from '../../../sim/machine.ts'
import { asm, exit, guest, HANDLER, li, START } from '../guest.ts'

const UNMAPPED = 0x2000_0000
const UART = 0x1000_0000

/** What the handler finds: mcause, mtval, mepc, all unsigned. */
function found(machine: Machine) {
  const { csrs } = machine.hart
  return [csrs.read(csr.mcause), csrs.read(csr.mtval) >>> 0, csrs.read(csr.mepc) >>> 0]
}

/** Runs with x1 = `x1` until the handler ends the run. */
function trap(program: readonly number[], x1 = 0, options: MachineOptions = {}) {
  const machine = guest(program, { handler: exit, ...options })
  machine.hart.x[1] = x1
  const result = machine.run({ maxInstructions: 1000 })
  expect(result.reason).toBe('exit')
  return { machine, result, found: found(machine) }
}

describe('exceptions', () => {
  const load = (name: string) => [asm('addi'), asm(name, { rd: 2, rs1: 1 })]
  const store = (name: string) => [asm('addi'), asm(name, { rs1: 1, rs2: 2 })]

  it.each(['lb', 'lbu', 'lh', 'lhu', 'lw'])('%s from nowhere', (name) => {
    expect(trap(load(name), UNMAPPED).found).toEqual([cause.loadFault, UNMAPPED, START + 4])
  })

  it.each(['sb', 'sh', 'sw'])('%s to nowhere', (name) => {
    expect(trap(store(name), UNMAPPED).found).toEqual([cause.storeFault, UNMAPPED, START + 4])
  })

  it.each([
    ['lh', 1],
    ['lhu', 3],
    ['lw', 1],
    ['lw', 2],
    ['lw', 3],
  ])('%s at offset %i is misaligned', (name, offset) => {
    expect(trap(load(name), START + offset).found).toEqual([cause.loadMisaligned, START + offset, START + 4])
  })

  it.each([
    ['sh', 1],
    ['sw', 1],
    ['sw', 2],
  ])('%s at offset %i is misaligned', (name, offset) => {
    expect(trap(store(name), START + offset).found).toEqual([cause.storeMisaligned, START + offset, START + 4])
  })

  it('a load that traps leaves its destination alone', () => {
    const { machine } = trap([asm('addi', { rd: 2, imm: 5 }), asm('lw', { rd: 2, rs1: 1 })], UNMAPPED)
    expect(machine.hart.x[2]).toBe(5)
  })

  it('an access at the end of RAM faults when any of it lies beyond', () => {
    const end = START + (16 << 20)
    expect(trap(load('lw'), end - 4 + 4).found[0]).toBe(cause.loadFault)
  })

  it.each([
    ['lw', 3, cause.loadFault],
    ['lw', 1, cause.loadFault],
    ['lhu', 1, cause.loadFault],
    ['sw', 2, cause.storeFault],
    ['sh', 1, cause.storeFault],
  ])('%s that begins %i bytes before the end of RAM names the part that fails in mtval', (name, before, fault) => {
    const end = START + (16 << 20)
    const program = name.startsWith('l') ? load(name) : store(name)
    expect(trap(program, end - before, { misaligned: 'hardware' }).found).toEqual([fault, end, START + 4])
  })

  it('a misaligned access that lies in nothing names its own address', () => {
    const found = [cause.loadFault, UNMAPPED + 1, START + 4]
    expect(trap(load('lw'), UNMAPPED + 1, { misaligned: 'hardware' }).found).toEqual(found)
  })

  it('a device refuses what it has no register for', () => {
    expect(trap(load('lw'), UART + 0x20).found).toEqual([cause.loadFault, UART + 0x20, START + 4])
    expect(trap(store('sw'), UART + 0x20).found).toEqual([cause.storeFault, UART + 0x20, START + 4])
  })

  it.each([0, -1, 0x0000_3003, 0x0200_0033 | (1 << 26), 0x3020_0173])('0x%x is illegal', (word) => {
    expect(trap([asm('addi'), word]).found).toEqual([cause.illegalInstruction, word >>> 0, START + 4])
  })

  it('a compressed instruction is illegal without C, with its 16 bits in mtval', () => {
    expect(trap([0x4501_4501]).found).toEqual([cause.illegalInstruction, 0x4501, START])
  })

  it('ecall and ebreak', () => {
    expect(trap([asm('ecall')]).found).toEqual([cause.machineCall, 0, START])
    expect(trap([asm('ebreak')]).found).toEqual([cause.breakpoint, START, START])
  })

  it('ecall does not retire', () => {
    expect(trap([asm('addi'), asm('ecall')]).result).toMatchObject({
      instructions: 1 + exit.length,
      cycles: 2 + exit.length,
    })
  })

  it.each([
    ['jal', { rd: 5, imm: 6 }, 6],
    ['jalr', { rd: 5, rs1: 1, imm: 2 }, 2 - START],
    ['beq', { imm: 10 }, 10],
  ])('%s to a half-word traps at the jump, which does not link', (name, operands, offset) => {
    const { machine, found } = trap([asm('addi'), asm(name, operands)], 0)
    const target = name === 'jalr' ? 2 : START + 4 + offset
    expect(found).toEqual([cause.fetchMisaligned, target, START + 4])
    expect(machine.hart.x[5]).toBe(0)
  })

  it('a branch to a half-word does not trap unless taken', () => {
    expect(guest([asm('bne', { imm: 6 }), ...exit]).run().reason).toBe('exit')
  })

  it('fetching from nowhere or from a device faults at the target', () => {
    for (const target of [UNMAPPED, UART]) {
      expect(trap([asm('jalr', { rd: 5, rs1: 1 })], target).found).toEqual([cause.fetchFault, target, target])
    }
  })

  it('running off the end of RAM faults there', () => {
    const end = START + (16 << 20)
    const { found } = trap([asm('jalr', { rs1: 1 })], end - 4)
    expect(found[0]).toBe(cause.illegalInstruction)
    const machine = guest([asm('jalr', { rs1: 1 })], { handler: exit })
    machine.writeMemory(end - 4, new Uint8Array(Int32Array.of(asm('addi')).buffer))
    machine.hart.x[1] = end - 4
    machine.run()
    expect([machine.hart.csrs.read(csr.mcause), machine.hart.csrs.read(csr.mtval) >>> 0]).toEqual([
      cause.fetchFault,
      end,
    ])
  })
})

describe('mstatus', () => {
  const MIE = 8
  const MPIE = 0x80
  const MPP = 0x1800

  it('a trap stacks the interrupt enable, mret takes it back', () => {
    const seen: number[] = []
    const machine = guest([asm('csrrsi', { rs1: 8, imm: csr.mstatus }), asm('ecall'), asm('addi'), ...exit], {
      handler: [
        asm('csrrs', { rd: 5, imm: csr.mstatus }),
        asm('csrrs', { rd: 6, imm: csr.mepc }),
        asm('addi', { rd: 6, rs1: 6, imm: 4 }),
        asm('csrrw', { rs1: 6, imm: csr.mepc }),
        asm('mret'),
      ],
    })
    machine.run()
    seen.push(machine.hart.x[5]!, machine.hart.csrs.read(csr.mstatus))
    expect(seen).toEqual([MPP | MPIE, MPIE | MIE])
  })

  it('mret jumps to mepc, sets MPIE, and leaves user mode in MPP', () => {
    const machine = guest([...li(1, HANDLER), asm('csrrw', { rs1: 1, imm: csr.mepc }), asm('mret')])
    machine.run({ maxInstructions: 4 })
    expect(machine.hart.pc).toBe(HANDLER)
    expect(machine.hart.csrs.read(csr.mstatus)).toBe(MPIE)
  })
})

it('a vectored mtvec changes nothing for exceptions', () => {
  const machine = guest([...li(1, HANDLER + 1), asm('csrrw', { rs1: 1, imm: csr.mtvec }), asm('ecall')], {
    handler: exit,
  })
  expect(machine.run().reason).toBe('exit')
})

describe('misaligned access by hardware', () => {
  const DATA = START + 0x800

  it.each([1, 2, 3])('words and halves at offset %i', (offset) => {
    const machine = guest(
      [
        asm('sw', { rs1: 1, rs2: 2 }),
        asm('lw', { rd: 3, rs1: 1 }),
        asm('sh', { rs1: 1, rs2: 2, imm: 8 }),
        asm('lh', { rd: 4, rs1: 1, imm: 8 }),
        asm('lhu', { rd: 5, rs1: 1, imm: 8 }),
      ],
      { misaligned: 'hardware' },
    )
    machine.hart.x[1] = DATA + offset
    machine.hart.x[2] = 0x89ab_cdef | 0
    machine.run({ maxInstructions: 5 })
    expect([...machine.hart.x.subarray(3, 6)]).toEqual([0x89ab_cdef | 0, -0x3211, 0xcdef])
  })

  it('does not reach devices', () => {
    expect(trap([asm('lw', { rd: 2, rs1: 1 })], UART + 1, { misaligned: 'hardware' }).found[0]).toBe(cause.loadFault)
  })
})

describe('traps that nobody handles', () => {
  it('without a trap vector', () => {
    const result = guest([asm('lw', { rd: 1 })]).run()
    expect(result).toMatchObject({ reason: 'trap', exitCode: 126 })
    expect(result.explanation).toBe(
      'load access fault (0x00000000, where nothing is mapped) at pc 0x80000000 in start; mtvec was never set',
    )
  })

  it('with a handler that traps at its first instruction', () => {
    const result = guest([asm('ecall')], { handler: [0] }).run()
    expect(result).toMatchObject({ reason: 'trap', exitCode: 126 })
    expect(result.explanation).toContain('environment call from M-mode at pc 0x80000000 in start')
    expect(result.explanation).toContain('its handler at 0x80001000 traps at once (illegal instruction')
  })

  it('a handler that fails later is left to the limits', () => {
    const result = guest([asm('ecall')], { handler: [asm('addi'), 0] }).run({ maxInstructions: 100 })
    expect(result.reason).toBe('limit')
  })
})

it('says what went wrong, though firmware handles it, but not for ever', () => {
  const messages: string[] = []
  const skip = [
    asm('csrrs', { rd: 6, imm: csr.mepc }),
    asm('addi', { rd: 6, rs1: 6, imm: 4 }),
    asm('csrrw', { rs1: 6, imm: csr.mepc }),
    asm('mret'),
  ]
  const faults = Array(30).fill(asm('sw', { rs1: 0, imm: 16 }))
  guest([...faults, ...exit], { handler: skip, diagnostic: (message) => messages.push(message) }).run()
  expect(messages[0]).toBe('store access fault (0x00000010, where nothing is mapped) at pc 0x80000000 in start')
  expect(messages).toHaveLength(20)
  expect(messages.at(-1)).toContain('further ones are not reported')
})
