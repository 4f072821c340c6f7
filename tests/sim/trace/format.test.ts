import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { timingModels } from '../../../sim/cpu/timing/models.ts'
import type { Probe } from '../../../sim/probe/probe.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { type EventGroup, eventGroups, type TraceEvent } from '../../../sim/trace/events.ts'
import { recordAt, recordContent } from '../../../sim/trace/format/file.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { cycleWindow } from '../../../sim/trace/window.ts'
import { type TraceOptions, TraceWriter } from '../../../sim/trace/writer.ts'
import { randomMachines } from '../../lockstep/machines.ts'
import { Random } from '../../lockstep/random.ts'
import { asm, guest } from '../guest.ts'
import { entriesOf } from './collect.ts'

const platform = { soc: defaultSoc, isa: 'rv32im', cpu: 'ideal' }
const INSTRUCTIONS = 40_000

/** A writer whose file stays in memory. */
function memoryTrace(groups: readonly EventGroup[], options: Partial<TraceOptions> = {}) {
  const pieces: Uint8Array[] = []
  const events = new Set(groups)
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events, ...options })
  return { writer, file: () => new Uint8Array(Buffer.concat(pieces)) }
}

function readAll(file: Uint8Array, range = {}) {
  const entries: number[][] = []
  const events: TraceEvent[] = []
  const order: string[] = []
  new TraceReader(file, 'test').read(
    {
      instructions: (log) => {
        entries.push(...entriesOf(log))
        order.push(...entriesOf(log).map(([pc]) => String(pc)))
      },
      event: (event) => {
        events.push(event)
        order.push(event.kind)
      },
    },
    range,
  )
  return { entries, events, order }
}

/** Runs a random program, traced and also heard directly. */
function record(seed: number, cpu: string) {
  const entries: number[][] = []
  const order: string[] = []
  const direct: Probe = {
    instructions: (log) => {
      entries.push(...entriesOf(log))
      order.push(...entriesOf(log).map(([pc]) => String(pc)))
    },
    trap: () => order.push('trap'),
    device: () => order.push('mmio'),
  }
  const { writer, file } = memoryTrace(['commit', 'trap', 'mmio'])
  const machine = randomMachines(new Random(seed), cpu)('auto', { probes: [writer.probe, direct] })
  const result = machine.run({ maxInstructions: INSTRUCTIONS })
  writer.close()
  return { entries, order, result, file: file() }
}

describe('a trace', () => {
  it.each(timingModels.map(({ name }) => name))('holds every instruction of random programs, on %s', (cpu) => {
    for (let seed = 1; seed <= 2; seed++) {
      const { entries, order, file } = record(seed, cpu)
      const read = readAll(file)
      expect(read.entries.length).toBe(entries.length)
      const index = entries.findIndex((entry, i) => entry.join() !== read.entries[i]!.join())
      expect(read.entries[index]).toEqual(entries[index])
      expect(read.order.filter((one) => one !== 'return' && one !== 'idle').join()).toBe(order.join())
    }
  })

  it('has the bytes that traces/README.md gives as an example', () => {
    const readme = readFileSync(new URL('../../../traces/README.md', import.meta.url), 'utf8')
    const example = /## An example\n.*?\n\n(.*?)\n\n/s.exec(readme)![1]!
    // Two digits or more spaces apart; `00 * 31` repeats a byte; words explain.
    const rows = example.split('\n').map((row) => /^\s+((?:[0-9a-f]{2}(?: \* \d+)?(?:\s+|$))+)/.exec(row)?.[1] ?? '')
    const expected = [...rows.join(' ').matchAll(/([0-9a-f]{2})(?: \* (\d+))?/g)].flatMap(([, byte, times = '1']) =>
      Array<string>(Number(times)).fill(byte!),
    )
    const { writer, file } = memoryTrace(['commit', 'uart'])
    const loop = [asm('addi', { rd: 6, rs1: 6, imm: 1 }), asm('jal', { rd: 0, imm: -4 })]
    const store = [asm('addi', { rd: 6, rs1: 0, imm: 65 }), asm('sb', { rs1: 5, rs2: 6 })]
    const program = [asm('lui', { rd: 5, imm: 0x1000_0000 }), ...store, ...loop]
    guest(program, { probes: [writer.probe] }).run({ maxInstructions: 9 })
    writer.close()
    const [[at] = [0]] = new TraceReader(file(), 'test').index
    const content = recordContent(file(), recordAt(file(), at)!)!
    expect([...content].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')).toBe(expected.join(' '))
  })

  it('is small', () => {
    const { entries, file } = record(3, 'ibex')
    expect(file.length / entries.length).toBeLessThan(1)
  })

  it('is read from one cycle to another', () => {
    const { entries, file } = record(3, 'cv32e40p')
    const [from, to] = [entries[1000]![5]!, entries[2000]![5]!]
    const expected = entries.filter((entry) => entry[5]! >= from && entry[5]! < to)
    expect(readAll(file, { from, to }).entries).toEqual(expected)
  })

  it('records only what a window lets in', () => {
    const { writer, file } = memoryTrace(['commit'], { window: cycleWindow(500, 900) })
    randomMachines(new Random(1), 'ideal')('auto', { probes: [writer.probe] }).run({ maxInstructions: 2000 })
    writer.close()
    expect(readAll(file()).entries).toEqual(readAll(record(1, 'ideal').file, { from: 500, to: 900 }).entries)
  })
})

describe('a trace file', () => {
  const long = () => {
    const { writer, file } = memoryTrace(eventGroups)
    const machine = randomMachines(new Random(5), 'ideal')('auto', { probes: [writer.probe] })
    for (let chunk = 0; chunk < 3; chunk++) {
      machine.run({ maxInstructions: (chunk + 1) * 3000 })
      writer.cut()
    }
    return { writer, file }
  }

  it('that was not finished is readable', () => {
    const { writer, file } = long()
    const unfinished = file()
    writer.close()
    const [cut, whole] = [new TraceReader(unfinished, 'cut'), new TraceReader(file(), 'whole')]
    expect([cut.complete, whole.complete]).toEqual([false, true])
    expect(cut.index).toEqual(whole.index)
    expect(readAll(unfinished)).toEqual(readAll(file()))
  })

  it('that is cut off anywhere is readable up to the last whole chunk, or refused', () => {
    const { writer, file } = long()
    writer.close()
    const whole = file()
    const { entries } = readAll(whole)
    const { index } = new TraceReader(whole, 'whole')
    for (let length = 0; length < whole.length; length += 997) {
      const cut = whole.subarray(0, length)
      try {
        const read = readAll(cut).entries
        expect(read).toEqual(entries.slice(0, read.length))
        const chunks = index.filter(([, , , ,], i) => (index[i + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= length)
        expect(read.length).toBeGreaterThanOrEqual(chunks.reduce((sum, [, , , count]) => sum + count, 0))
      } catch (error) {
        expect(String(error)).toMatch(/it is no trace|cut off in its header/)
      }
    }
  })

  it('of something else is refused', () => {
    expect(() => new TraceReader(new TextEncoder().encode('no trace, but text'), 'x')).toThrow('it is no trace')
    const { file } = record(1, 'ideal')
    file[8] = 77
    expect(() => new TraceReader(file, 'x')).toThrow('version 77')
  })

  it('that is damaged is read but for the damaged chunk, which is named', () => {
    const { writer, file } = long()
    writer.close()
    const whole = file()
    const [first, second] = new TraceReader(whole, 'x').index
    const damaged = whole.slice()
    damaged[second![0] + 100]! ^= 1
    expect(readAll(damaged, { to: second![1] })).toEqual(readAll(whole, { to: second![1] }))
    expect(readAll(damaged, { from: second![2] + 1 })).toEqual(readAll(whole, { from: second![2] + 1 }))
    expect(() => readAll(damaged)).toThrow(`its chunk 1, cycles ${second![1]} to ${second![2]}, is damaged`)
    // Without its end it is a recording that was cut there.
    const cut = new TraceReader(damaged.subarray(0, -16), 'x')
    expect([cut.complete, cut.index]).toEqual([false, [first]])
  })
})
