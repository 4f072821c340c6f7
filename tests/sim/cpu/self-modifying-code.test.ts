import { describe, expect, it } from 'vitest'
import { asm, bytes, exit, guest, li, START } from '../guest.ts'

const MCYCLE = 0xb00
const set5 = (imm: number) => asm('addi', { rd: 5, imm })

describe('code that changes', () => {
  it('right before it runs, with fence.i', () => {
    const target = START + 9 * 4
    const program = [
      ...li(1, target),
      ...li(2, set5(2)),
      asm('sw', { rs1: 1, rs2: 2 }),
      asm('fence.i'),
      asm('addi'),
      asm('addi'),
      asm('addi'),
      set5(1),
      ...exit,
    ]
    const machine = guest(program)
    machine.run()
    expect(machine.hart.x[5]).toBe(2)
  })

  it('in a loop, after it has run: every pass runs what the pass before has stored', () => {
    // x5 += x6's immediate; then the immediate is stored one higher, three times.
    const add = (imm: number) => asm('addi', { rd: 5, rs1: 5, imm })
    const machine = guest([
      ...li(1, START + 4 * 4),
      ...li(2, add(1)),
      add(1),
      asm('lui', { rd: 3, imm: 0x100 << 12 }),
      asm('add', { rd: 2, rs1: 2, rs2: 3 }),
      asm('sw', { rs1: 1, rs2: 2 }),
      asm('fence.i'),
      asm('addi', { rd: 4, rs1: 4, imm: 1 }),
      asm('slti', { rd: 6, rs1: 4, imm: 3 }),
      asm('bne', { rs1: 6, imm: -28 }),
      ...exit,
    ])
    machine.run()
    expect(machine.hart.x[5]).toBe(1 + 2 + 3)
  })

  it.each([
    ['sb', 3],
    ['sh', 2],
    ['sw', 0],
  ])('by %s of a part of an instruction', (name, offset) => {
    const target = START + 6 * 4
    const changed = set5(0x123)
    const machine = guest([
      asm('jal', { imm: 24 }),
      ...li(1, target + offset),
      ...li(2, changed >> (8 * offset)),
      asm(name, { rs1: 1, rs2: 2 }),
      set5(0x103),
      asm('addi', { rd: 4, rs1: 4, imm: 1 }),
      asm('addi', { rd: 6, imm: 2 }),
      asm('bne', { rs1: 4, rs2: 6, imm: -32 }),
      ...exit,
    ])
    machine.run()
    expect(machine.hart.x[5]).toBe(0x123)
  })

  it('by a write from outside, as DMA does', () => {
    const machine = guest([set5(1), asm('addi'), asm('jal', { imm: -8 })])
    machine.run({ maxInstructions: 10 })
    expect(machine.hart.x[5]).toBe(1)
    machine.bus.master().write(START, bytes([set5(9)]))
    machine.run({ maxInstructions: 20 })
    expect(machine.hart.x[5]).toBe(9)
  })

  it('data that lies beside code keeps its values', () => {
    const data = START + 8 * 4
    const machine = guest([
      ...li(1, data),
      asm('addi', { rd: 2, rs1: 2, imm: 1 }),
      asm('sw', { rs1: 1, rs2: 2 }),
      asm('lw', { rd: 3, rs1: 1 }),
      asm('addi', { rd: 4, imm: 50 }),
      asm('bne', { rs1: 2, rs2: 4, imm: -16 }),
      asm('jal', { imm: 8 }),
      0,
      ...exit,
    ])
    machine.run()
    expect(machine.hart.x[3]).toBe(50)
  })

  it('after an instruction changes the cycles of the one before it, which may no longer stall', () => {
    const uses = asm('addi', { rd: 6, rs1: 5 })
    const usesNot = asm('addi', { rd: 6, rs1: 7 })
    /** Cycles of the second pass through a load and an instruction that is `first` and then `second`. */
    const cycles = (first: number, second: number) => {
      const machine = guest(
        [
          ...li(1, START + 6 * 4),
          ...li(2, second),
          asm('csrrs', { rd: 8, imm: MCYCLE }),
          asm('lw', { rd: 5, rs1: 1 }),
          first,
          asm('csrrs', { rd: 9, imm: MCYCLE }),
          asm('sw', { rs1: 1, rs2: 2 }),
          asm('fence.i'),
          asm('addi', { rd: 4, rs1: 4, imm: 1 }),
          asm('slti', { rd: 3, rs1: 4, imm: 2 }),
          asm('bne', { rs1: 3, imm: -32 }),
          ...exit,
        ],
        { cpu: 'cv32e40p' },
      )
      machine.run()
      return machine.hart.x[9]! - machine.hart.x[8]!
    }
    expect(cycles(uses, usesNot)).toBe(cycles(usesNot, usesNot))
    expect(cycles(usesNot, uses)).toBe(cycles(uses, uses))
    expect(cycles(uses, uses)).toBe(cycles(usesNot, usesNot) + 1)
  })

  it.each(['interpreter', 'translator'] as const)(
    'where a branch leads changes its cycles, though nothing has run there yet: %s',
    (engine) => {
      const NOPS = 0x0001_0001
      const target = START + 12 * 4 + 2
      /** Cycles up to the end when the target, off the word boundary, is an instruction of 32 bits or two of 16, and is then overwritten by the latter. */
      const cycles = (first: number) => {
        const code = [
          ...li(1, target),
          asm('addi', { rd: 2, imm: 1 }),
          asm('bne', { rs1: 6, imm: 8 * 4 + 4 + 2 }),
          asm('sh', { rs1: 1, rs2: 2 }),
          asm('sh', { rs1: 1, rs2: 2, imm: 2 }),
          asm('fence.i'),
          asm('addi', { rd: 6, imm: 1 }),
          asm('jal', { imm: -5 * 4 }),
          ...[NOPS, NOPS, NOPS],
          (first << 16) | 1,
          (NOPS & ~0xffff) | (first >>> 16),
          ...exit,
        ]
        const machine = guest(code, { engine, cpu: 'cv32e40p', isa: 'rv32imc_zicsr_zifencei' })
        expect(machine.run({ maxCycles: 1000 }).reason).toBe('exit')
        return machine.hart.cycles
      }
      expect(cycles(asm('addi', { rd: 7 }))).toBe(cycles(NOPS))
    },
  )
})
