import { describe, expect, it } from 'vitest'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { diffTraces } from '../../../sim/trace/diff.ts'
import { type EventGroup, eventGroups } from '../../../sim/trace/events.ts'
import { formatDiff } from '../../../sim/trace/format-diff.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { asm, exit, guest, li } from '../guest.ts'
import { recordProgram } from './record.ts'

/** The trace of a few instructions. */
function record(
  program: readonly number[],
  cpu = 'ideal',
  limit?: number,
  groups: readonly EventGroup[] = eventGroups,
): TraceReader {
  const pieces: Uint8Array[] = []
  const platform = { soc: defaultSoc, isa: 'rv32im', cpu }
  const events = new Set(groups)
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events })
  guest(program, { cpu, probes: [writer.probe] }).run(limit === undefined ? {} : { maxInstructions: limit })
  writer.close()
  return new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'test')
}

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
    const some = record(program(7), 'ideal', undefined, ['mmio', 'uart'])
    const note = 'not compared, because only one was recorded with it: '
    expect(text(all, some)).toBe(
      `${note}${eventGroups.filter((g) => g !== 'mmio' && g !== 'uart').join(', ')}\nthe traces are the same\n`,
    )
    expect(diffTraces(some, record(program(7), 'ideal', 3, ['mmio'])).difference?.a?.text).toContain('mmio')
  })

  it('of other behaviour part at the first instruction that does something else', () => {
    expect(
      text(record(program(7)), record(program(9))),
    ).toBe(`they differ in what the hart did, after 3 steps that are the same:
    cycle 0: 0x80000000 (0x000002b7) x5 = 0x00000000  [start]
    cycle 1: 0x80000004 (0x06428293) x5 = 0x00000064  [start]
    cycle 2: 0x80000008 (0x00000337) x6 = 0x00000000  [start]
  - cycle 3: 0x8000000c (0x00730313) x6 = 0x00000007  [start]
  + cycle 3: 0x8000000c (0x00930313) x6 = 0x00000009  [start]
`)
  })

  it('of the same behaviour at another pace differ in time: where it starts, and how much it becomes', () => {
    const [fast, slow] = [record(program(7)), record(program(7), 'ibex')]
    const { difference, shift } = diffTraces(fast, slow)
    expect(difference).toBeUndefined()
    expect(shift).toMatchObject({ sequence: 'hart', first: 36, last: 36, a: { at: 5 }, b: { at: 41 } })
    expect(text(fast, slow)).toContain('the same 12 steps, in other cycles\ntime: the hart is 36 cycles later')
  })

  it('of which one is shorter differ where it ends', () => {
    const { difference } = diffTraces(record(program(7)), record(program(7), 'ideal', 4))
    expect(difference).toMatchObject({ same: 4, a: { at: 4 }, b: undefined })
  })

  it('with a unit that works at another pace differ in that unit', async () => {
    const trace = await recordProgram('dma-copy')
    const same = await recordProgram('dma-copy')
    expect(diffTraces(trace, same)).toMatchObject({ difference: undefined, shift: undefined })
  })
})
