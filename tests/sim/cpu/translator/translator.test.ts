import { describe, expect, it } from 'vitest'
import type { Engine, Machine } from '../../../../sim/machine.ts'
import { defaultSoc } from '../../../../sim/soc/default.ts'
import { Assembler } from '../../../lockstep/assembler.ts'
import { asm, exit, type GuestOptions, guest, li, registers, START } from '../../guest.ts'

const program = (write: (out: Assembler) => void): number[] => {
  const out = new Assembler()
  write(out)
  out.word(...exit)
  return [...new Int32Array(out.bytes().buffer)]
}

/** A loop of `rounds` around what `write` writes, counted in x4. */
const loop = (rounds: number, write: (out: Assembler) => void) =>
  program((out) => {
    out.word(...li(4, rounds))
    const head = out.here()
    write(out)
    out.word(asm('addi', { rd: 4, rs1: 4, imm: -1 }))
    out.branch('bne', 4, 0, head)
  })

const state = ({ hart }: Machine, registersOf: Machine) => ({
  pc: hart.pc,
  cycles: hart.cycles,
  instructions: hart.instructions,
  x: registers(registersOf),
})

/** Runs on both engines to the end and holds one to the other. @returns the translated machine */
function runOnBoth(
  code: readonly number[],
  prepare: (machine: Machine) => void = () => {},
  options: GuestOptions = {},
): Machine {
  const [plain, translated] = (['interpreter', 'translator'] as Engine[]).map((engine) => {
    const machine = guest(code, { engine, cpu: 'cv32e40p', ...options })
    prepare(machine)
    expect(machine.run({ maxCycles: 1e7 }).reason).toBe('exit')
    return machine
  }) as [Machine, Machine]
  expect(state(translated, translated)).toEqual(state(plain, plain))
  expect(translated.translatedModules).toBeGreaterThan(0)
  return translated
}

describe('translator', () => {
  it('leaves cold code to the interpreter by default', () => {
    const machine = guest(loop(100, (out) => out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 }))))
    machine.run()
    expect(machine.translatedModules).toBe(0)
  })

  it('translates a hot loop by default', () => {
    const machine = guest(loop(100_000, (out) => out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 }))))
    machine.run()
    expect(machine.translatedModules).toBeGreaterThan(0)
    expect(machine.hart.x[5]).toBe(100_000)
  })

  it('reads through a pointer that moves on by more than there is memory', () => {
    const size = 0x2000
    const blocks = defaultSoc.blocks.map((block) => (block.kind === 'ram' ? { ...block, size } : block))
    const skip = [
      asm('addi', { rd: 20, rs1: 20, imm: 1 }),
      asm('csrrs', { rd: 21, imm: 0x341 }),
      asm('addi', { rd: 21, rs1: 21, imm: 4 }),
      asm('csrrw', { rs1: 21, imm: 0x341 }),
      asm('mret'),
    ]
    const code = loop(600, (out) => {
      out.word(...li(5, START + 0x400), ...li(9, START + 0x400 + 3 * 4088))
      const head = out.here()
      out.word(asm('lw', { rd: 6, rs1: 5 }))
      out.word(asm('addi', { rd: 5, rs1: 5, imm: 2044 }), asm('addi', { rd: 5, rs1: 5, imm: 2044 }))
      out.branch('bne', 5, 9, head)
    })
    const machine = runOnBoth(code, undefined, { soc: { ...defaultSoc, blocks }, handler: skip })
    // The third of them lies behind the end, once a round.
    expect(machine.hart.x[20]).toBe(600)
  })

  it('stops at the very cycle, and goes on from there', () => {
    const code = loop(5000, (out) =>
      out.word(asm('addi', { rd: 5, rs1: 5, imm: 3 }), asm('div', { rd: 6, rs1: 5, rs2: 4 })),
    )
    const plain = guest(code, { engine: 'interpreter', cpu: 'cv32e40p' })
    const translated = guest(code, { engine: 'translator', cpu: 'cv32e40p' })
    for (let maxCycles = 1; maxCycles < 3000; maxCycles += 7) {
      plain.run({ maxCycles })
      translated.run({ maxCycles })
      expect(state(translated, translated)).toEqual(state(plain, plain))
    }
  })

  it('notices that translated code overwrites itself', () => {
    const patched = asm('addi', { rd: 5, rs1: 5, imm: 100 })
    const machine = runOnBoth(
      loop(400, (out) => {
        const slot = out.here()
        out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 }), asm('addi', { rd: 6, rs1: 4, imm: -200 }))
        const skip = out.label()
        out.branch('bne', 6, 0, skip)
        out.address(7, slot)
        out.word(...li(8, patched), asm('sw', { rs1: 7, rs2: 8 }))
        out.place(skip)
      }),
    )
    expect(machine.hart.x[5]).toBe(201 + 199 * 100)
  })

  it('notices that somebody else writes to translated code', () => {
    const code = loop(1000, (out) => out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 })))
    const machine = guest(code, { engine: 'translator' })
    machine.run({ maxInstructions: 2 + 300 * 3 })
    const replacement = new Uint8Array(Int32Array.from([asm('addi', { rd: 5, rs1: 5, imm: 2 })]).buffer)
    machine.bus.master().write(START + 8, replacement)
    machine.run()
    expect(machine.hart.x[5]).toBe(300 + 700 * 2)
  })

  it('carries out device accesses of a hot loop exactly where they are', () => {
    runOnBoth(
      loop(300, (out) =>
        out.word(...li(7, 0x0200_bff8), asm('lw', { rd: 8, rs1: 7 }), asm('add', { rd: 5, rs1: 5, rs2: 8 })),
      ),
    )
  })

  it('recurses deeper than calls may nest in the host', () => {
    const machine = runOnBoth(
      program((out) => {
        const [main, down, leave] = [out.label(), out.label(), out.label()]
        out.jump(0, main)
        out.place(down)
        out.word(asm('addi', { rd: 2, rs1: 2, imm: -16 }), asm('sw', { rs1: 2, rs2: 1, imm: 12 }))
        out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 }), asm('addi', { rd: 10, rs1: 10, imm: -1 }))
        out.branch('beq', 10, 0, leave)
        out.jump(1, down)
        out.place(leave)
        out.word(asm('addi', { rd: 6, rs1: 6, imm: 1 }), asm('lw', { rd: 1, rs1: 2, imm: 12 }))
        out.word(asm('addi', { rd: 2, rs1: 2, imm: 16 }), asm('jalr', { rs1: 1 }))
        out.place(main)
        out.word(...li(2, START + 0x10_0000), ...li(10, 5000))
        out.jump(1, down)
        out.word(...li(10, 3000))
        out.jump(1, down)
      }),
    )
    expect([machine.hart.x[5], machine.hart.x[6]]).toEqual([8000, 8000])
  })

  it('follows a jump table', () => {
    runOnBoth(
      program((out) => {
        const cases = Array.from({ length: 8 }, () => out.label())
        const [start, next] = [out.label(), out.label()]
        out.jump(0, start)
        for (const [index, label] of cases.entries()) {
          out.place(label)
          out.word(asm('addi', { rd: 5, rs1: 5, imm: index * index }))
          out.jump(0, next)
        }
        out.place(start)
        out.word(...li(4, 3000), ...li(3, START + 0x2000))
        for (const [index, label] of cases.entries()) {
          out.address(6, label)
          out.word(asm('sw', { rs1: 3, rs2: 6, imm: index * 4 }))
        }
        const head = out.here()
        out.word(asm('andi', { rd: 6, rs1: 4, imm: 7 }), asm('slli', { rd: 6, rs1: 6, imm: 2 }))
        out.word(asm('add', { rd: 6, rs1: 6, rs2: 3 }), asm('lw', { rd: 6, rs1: 6 }), asm('jalr', { rs1: 6 }))
        out.place(next)
        out.word(asm('addi', { rd: 4, rs1: 4, imm: -1 }))
        out.branch('bne', 4, 0, head)
      }),
    )
  })

  it('runs a loop with two entries', () => {
    runOnBoth(
      loop(500, (out) => {
        const [middle, again, leave] = [out.label(), out.label(), out.label()]
        out.word(asm('andi', { rd: 6, rs1: 4, imm: 1 }), asm('addi', { rd: 7, imm: 5 }))
        out.branch('beq', 6, 0, middle)
        out.place(again)
        out.word(asm('addi', { rd: 5, rs1: 5, imm: 1 }))
        out.place(middle)
        out.word(asm('addi', { rd: 8, rs1: 8, imm: 1 }), asm('addi', { rd: 7, rs1: 7, imm: -1 }))
        out.branch('bge', 0, 7, leave)
        out.jump(0, again)
        out.place(leave)
      }),
    )
  })
})
