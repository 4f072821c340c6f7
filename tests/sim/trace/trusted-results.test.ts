/** The writer of a trace does not compute again what the hart has computed; its reader must come to the same. */
import { describe, expect, it } from 'vitest'
import { instructionTable } from '../../../sim/cpu/instructions/table.ts'
import type { Machine } from '../../../sim/machine.ts'
import { ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../../../sim/probe/instruction-log.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { type TraceRange, TraceReader } from '../../../sim/trace/reader.ts'
import { cycleWindow, functionWindow, type Window } from '../../../sim/trace/window.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { asm, exit, guest, li } from '../guest.ts'
import { entriesOf } from './collect.ts'

const ISA = 'rv32imac_zba_zbb_zbs'
const A0 = 10
const SYS_ERRNO = 0x13

/** Entries that a run has made, and those that its trace holds. */
function recorded(
  program: readonly number[],
  run: (machine: Machine, writer: TraceWriter) => void,
  window?: Window,
  range: TraceRange = {},
  beside: Probe = {},
) {
  const heard: number[][] = []
  const pieces: Uint8Array[] = []
  const platform = { soc: defaultSoc, isa: ISA, cpu: 'ideal' }
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), {
    platform,
    events: new Set(['commit']),
    ...(window && { window }),
  })
  const listener: Probe = { instructions: (log) => heard.push(...entriesOf(log)) }
  run(guest(program, { isa: ISA, probes: [writer.probe, listener, beside] }), writer)
  writer.close()
  const read: number[][] = []
  const registers: number[][] = []
  const reader = new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'test')
  const instructions = (log: InstructionLog) => {
    registers.push([...log.registers])
    read.push(...entriesOf(log))
  }
  reader.read({ instructions }, range)
  return { heard, read, registers }
}

/** What an instruction did the first time is what it is predicted by the second time. */
function twice(program: readonly number[]): number[] {
  const begin = li(9, 2)
  const next = [asm('addi', { rd: 9, rs1: 9, imm: -1 }), asm('beq', { rs1: 9, rs2: 0, imm: 8 })]
  return [...begin, ...program, ...next, asm('jal', { imm: -4 * (program.length + next.length) })]
}

const operands = [0, 1, -1, 2, 31, 32, 0x7fff_ffff, -0x8000_0000, 0x1234_5678, -0x1234_5678, 0x8000_0100 | 0]

describe('instructions that set a register by registers', () => {
  const rows = instructionTable.filter(({ effect }) => effect.kind === 'set')

  it.each(rows.map(({ name }) => name))('%s gives the reader what it gave the hart', (name) => {
    const program = operands.flatMap((a) =>
      operands.flatMap((b) => [
        ...li(5, a),
        ...li(6, b),
        asm(name, { rd: 7, rs1: 5, rs2: 6, imm: name === 'lui' || name === 'auipc' ? b & ~0xfff : b & 31 }),
      ]),
    )
    const { heard, read } = recorded([...twice(program), ...exit], (machine) => machine.run())
    expect(heard.length).toBeGreaterThan(2 * program.length)
    expect(read).toEqual(heard)
  })
})

describe('registers that no instruction has set', () => {
  const sum = [asm('add', { rd: 5, rs1: A0, rs2: 11 }), asm('add', { rd: 6, rs1: 5, rs2: A0 })]

  it('by semihosting, are told', () => {
    const call = [asm('slli', { rd: 0, rs1: 0, imm: 0x1f }), asm('ebreak'), asm('srai', { rd: 0, rs1: 0, imm: 7 })]
    const { heard, read } = recorded([...twice([...li(A0, SYS_ERRNO), ...call, ...sum]), ...exit], (machine) =>
      machine.run(),
    )
    expect(heard.find(([pc]) => pc === 0x8000_001c)?.[4]).not.toBe(SYS_ERRNO)
    expect(read).toEqual(heard)
  })

  it('by a debugger, are told', () => {
    const { heard, read } = recorded([...twice(sum), ...exit], (machine) => {
      machine.run({ maxInstructions: 6 })
      machine.hart.x[A0] = 1000
      machine.hart.x[11] = -7
      machine.run()
    })
    expect(heard.filter(([pc]) => pc === 0x8000_0008).map((entry) => entry[4])).toEqual([0, 993])
    expect(read).toEqual(heard)
  })

  it('before the recording begins, are in it', () => {
    const program = [...li(A0, 77), ...li(11, -5), ...sum, ...sum, ...exit]
    const { heard, read, registers } = recorded(program, (machine) => machine.run(), cycleWindow(5, 7))
    expect(read).toEqual(heard.slice(5, 7))
    expect([registers[0]![5], registers[0]![A0], registers[0]![11]]).toEqual([72, 77, -5])
  })
})

describe('what a reader gives', () => {
  it('begins each log with the registers of the hart, in a part of the trace too', () => {
    const count = Array.from({ length: 6 }, () => asm('addi', { rd: 6, rs1: 6, imm: 1 }))
    const program = [...count, asm('add', { rd: 7, rs1: 11, rs2: 6 }), ...exit]
    const { registers } = recorded(program, (machine) => {
      machine.run({ maxInstructions: 4 })
      machine.hart.x[11] = 5
      machine.run()
    })
    expect(registers.map((x) => [x[6], x[11]])).toContainEqual([4, 5])
    const part = recorded(program, (machine) => machine.run(), undefined, { from: 5 })
    expect(part.registers[0]![6]).toBe(5)
  })

  it('has accesses only where the hart made them, whatever was handed out in the midst of an atomic', () => {
    const add = asm('addi', { rd: 6, rs1: 6, imm: 1 })
    const program = [...li(5, 0x8000_8000), add, asm('amoadd.w', { rd: 7, rs1: 5, rs2: 6 }), ...Array(20).fill(add)]
    const watch: Probe = { watches: () => [{ address: 0x8000_8000, bytes: 4 }], stored: () => {} }
    const { heard, read } = recorded([...program, ...exit], (machine) => machine.run(), undefined, {}, watch)
    expect(read).toEqual(heard)
    const accesses = heard.slice(0, program.length).filter((entry) => entry.length > 7)
    expect(accesses).toHaveLength(1)
    expect(accesses[0]![7]).toBe(ACCESS_LOAD | ACCESS_STORE | 4)
  })

  it('holds the loads and stores of a function that is over before they are told', () => {
    const call = [asm('jal', { rd: 1, imm: 8 }), asm('jal', { rd: 0, imm: 20 })]
    const callee = [...li(5, 0x8000_8000), asm('sw', { rs1: 5, rs2: 5 }), asm('jalr', { rd: 0, rs1: 1 })]
    const pieces: Uint8Array[] = []
    const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), {
      platform: { soc: defaultSoc, isa: ISA, cpu: 'ideal' },
      events: new Set(['mem']),
      window: functionWindow(() => 0x8000_0008),
    })
    guest([...call, ...callee, ...exit], { probes: [writer.probe] }).run()
    writer.close()
    const events = [...new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'test').pieces()]
    expect(events).toMatchObject([{ kind: 'mem', address: 0x8000_8000, write: true }])
  })

  it('has every cycle as often as it ran, when the machine went back in the midst of the recording', () => {
    const program = [...Array.from({ length: 200 }, () => asm('addi', { rd: 6, rs1: 6, imm: 1 })), ...exit]
    const again = (machine: Machine, writer: TraceWriter) => {
      machine.run({ maxInstructions: 10 })
      const state = machine.save()
      machine.run({ maxInstructions: 150 })
      writer.cut()
      machine.run({ maxInstructions: 160 })
      machine.restore(state)
      machine.run({ maxInstructions: 20 })
    }
    expect(recorded(program, again, undefined, { from: 10, to: 20 }).read).toHaveLength(20)
  })
})
