import { describe, expect, it } from 'vitest'
import { csr } from '../../../sim/cpu/csr/rows.ts'
import { diffTraces } from '../../../sim/trace/diff/diff-traces.ts'
import { formatDiff } from '../../../sim/trace/diff/format-diff.ts'
import { eventGroups } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { asm, exit, li } from '../guest.ts'
import { recordInstructions, recordProgram } from './record.ts'

/** The trace of a few instructions. */
const record = (program: readonly number[], options: Parameters<typeof recordInstructions>[1] = {}) =>
  new TraceReader(recordInstructions(program, options), 'test')

const divide = asm('div', { rd: 7, rs1: 5, rs2: 6 })
const program = (value: number) => [
  ...li(5, 100),
  ...li(6, value),
  divide,
  asm('add', { rd: 8, rs1: 7, rs2: 7 }),
  ...exit,
]

const text = (a: TraceReader, b: TraceReader) => formatDiff(diffTraces(a, b), a, b)

describe('two traces', () => {
  it('of the same run are the same', () => {
    expect(text(record(program(7)), record(program(7)))).toBe('the traces are the same\n')
  })

  it('that were recorded with different events are compared by those of both', () => {
    const all = record(program(7))
    const some = record(program(7), { groups: ['mmio', 'uart'] })
    const note = 'not compared, because only one was recorded with it: '
    expect(text(all, some)).toBe(
      `${note}${eventGroups.filter((g) => g !== 'mmio' && g !== 'uart').join(', ')}\nthe traces are the same\n`,
    )
    expect(diffTraces(some, record(program(7), { limit: 3, groups: ['mmio'] })).difference?.a?.text).toContain('mmio')
  })

  it('of other behaviour part at the first instruction that does something else', () => {
    expect(
      text(record(program(7)), record(program(9))),
    ).toBe(`the traces are of different programs: other code at 0x8000000c in start
they differ in what the hart did, after 3 steps that are the same:
    cycle 0: 0x80000000 lui t0, 0 (0x000002b7), t0 = 0x00000000  [start]
    cycle 1: 0x80000004 addi t0, t0, 100 (0x06428293), t0 = 0x00000064  [start]
    cycle 2: 0x80000008 lui t1, 0 (0x00000337), t1 = 0x00000000  [start]
  - cycle 3: 0x8000000c addi t1, t1, 7 (0x00730313), t1 = 0x00000007  [start]
  + cycle 3: 0x8000000c addi t1, t1, 9 (0x00930313), t1 = 0x00000009  [start]
`)
  })

  it('of the same behaviour at another pace differ in time: where it starts, and how much it becomes', () => {
    const [fast, slow] = [record(program(7)), record(program(7), { cpu: 'ibex' })]
    const { difference, shift } = diffTraces(fast, slow)
    expect(difference).toBeUndefined()
    expect(shift).toMatchObject({ sequence: 'hart', first: 36, last: 36, a: { at: 5 }, b: { at: 41 } })
    expect(text(fast, slow)).toContain('the same 12 steps, in other cycles\ntime: the hart is 36 cycles later')
  })

  it('of which one is shorter differ where it ends', () => {
    const { difference } = diffTraces(record(program(7)), record(program(7), { limit: 4 }))
    expect(difference).toMatchObject({ same: 4, a: { at: 4 }, b: undefined })
  })

  it('tell registers by their names, and what was loaded and stored', () => {
    const accesses = (value: number) => [
      ...li(5, 0x8000_1000),
      ...li(6, 7),
      asm('sw', { rs1: 5, rs2: 6, imm: 4 }),
      asm('lw', { rd: 10, rs1: 5, imm: 4 }),
      asm('csrrw', { rs1: 6, imm: csr.mscratch }),
      asm('addi', { rd: 11, imm: value }),
      ...exit,
    ]
    const lines = text(record(accesses(1)), record(accesses(2)))
      .split('\n')
      .slice(3, 9)
    expect(lines.map((line) => line.replace(/^.*cycle \d+: 0x\w+ (.*) {2}\[start\]$/, '$1'))).toEqual([
      'addi t1, t1, 7 (0x00730313), t1 = 0x00000007',
      'sw t1, 4(t0) (0x0062a223), stores 0x00000007 to 0x80001004',
      'lw a0, 4(t0) (0x0042a503), a0 = 0x00000007, loads from 0x80001004',
      'csrrw zero, mscratch, t1 (0x34031073), mscratch = 0x00000007',
      'addi a1, zero, 1 (0x00100593), a1 = 0x00000001',
      'addi a1, zero, 2 (0x00200593), a1 = 0x00000002',
    ])
  })

  it('with a unit that works at another pace differ in that unit', async () => {
    const trace = await recordProgram('dma-copy')
    const same = await recordProgram('dma-copy')
    expect(diffTraces(trace, same)).toMatchObject({ difference: undefined, shift: undefined })
  })
})
