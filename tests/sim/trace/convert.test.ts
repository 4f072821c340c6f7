/** Every format is read back by a reader of that format. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { CommitLog } from '../../../sim/trace/commit-log.ts'
import { CallFollower } from '../../../sim/trace/convert/call-follower.ts'
import { callgrind } from '../../../sim/trace/convert/callgrind.ts'
import { perfetto } from '../../../sim/trace/convert/perfetto.ts'
import { csv, ndjson } from '../../../sim/trace/convert/records.ts'
import { spike } from '../../../sim/trace/convert/spike.ts'
import { folded, speedscope } from '../../../sim/trace/convert/stacks.ts'
import { vcd } from '../../../sim/trace/convert/vcd.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { traceStat } from '../../../sim/trace/stat.ts'
import { makeElf } from '../elf/make-elf.ts'
import { bytes, exit, START } from '../guest.ts'
import { goldenTrace, recordFirmware } from './golden.ts'
import { converted, recordProgram } from './record.ts'

const interrupts = await recordProgram('interrupts')
const convolution = await recordProgram('dma-copy')
const stat = traceStat(interrupts, 1)

/** What is looked at of an event in Chrome's format. */
interface ChromeEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly args?: { readonly name?: string; readonly index?: number }
}

const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0

/** What a tool makes of a text in a file. */
function readBy(tool: string, args: (file: string) => readonly string[], text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'))
  const file = join(folder, 'trace.txt')
  writeFileSync(file, text)
  const { status, stdout, stderr } = spawnSync(tool, args(file), { encoding: 'utf8', cwd: folder })
  rmSync(folder, { recursive: true })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

it('Spike: the log is the one that the run itself writes', async () => {
  let direct = ''
  const beside = new CommitLog((text) => {
    direct += text
  })
  const trace = await recordProgram('hello', { beside })
  expect(converted(trace, spike)).toBe(direct)
  expect(direct.split('\n').length).toBeGreaterThan(100)
})

describe('CSV and NDJSON', () => {
  const records = converted(interrupts, ndjson)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

  it('have a record for every instruction and event', () => {
    const counts: Record<string, number> = {}
    for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1
    expect(counts).toEqual({ commit: stat.instructions, ...stat.events })
  })

  it('say the same: a reader of CSV finds in every row the values of the JSON object', () => {
    const rows = parse(converted(interrupts, csv), { columns: true }) as Record<string, string>[]
    const { more: _, ...columns } = rows[0]!
    const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value ?? ''))
    const expected = records.map((record) => {
      const cells = Object.keys(columns).map((name) => [name, text(record[name])])
      const others = Object.entries(record).filter(([name]) => !Object.hasOwn(columns, name))
      return { ...Object.fromEntries(cells), more: others.map(([name, value]) => `${name}=${text(value)}`).join(' ') }
    })
    expect(rows).toEqual(expected)
  })

  it('are the same for names that no compiler would make', async () => {
    const name = 'a "b",\nc\r\n;é'
    const symbols = [{ name, address: START, size: 4 * exit.length }]
    const segments = [{ address: START, bytes: bytes(exit), memorySize: 4 * exit.length }]
    const elf = makeElf({ entry: START, segments, symbols })
    const trace = new TraceReader(await recordFirmware({ name: 'names', elf }), 'names')
    const functions = (parse(converted(trace, csv), { columns: true }) as { function: string }[]).map(
      (row) => row.function,
    )
    expect(new Set(functions)).toEqual(new Set([name]))
  })

  it('have functions, and values as hexadecimal words', () => {
    const transmitted = records.filter(({ kind }) => kind === 'uart').map(({ byte }) => String.fromCharCode(byte))
    expect(transmitted.join('')).toContain('3 ticks')
    expect(records.find(({ kind }) => kind === 'trap')).toMatchObject({ cause: expect.stringMatching(/^0x8000000/) })
    expect(records[0]).toMatchObject({ kind: 'commit', at: 0, pc: '0x80000000', function: '_start' })
  })

  it('keep a range of cycles and some kinds of events only', () => {
    const part = converted(interrupts, ndjson, { from: 500, to: 50_000, events: new Set(['uart', 'trap']) })
    const expected = records.filter(({ at, kind }) => {
      return at >= 500 && at < 50_000 && ['uart', 'trap', 'return', 'idle'].includes(kind)
    })
    expect(
      part
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected)
  })
})

describe('call stacks', () => {
  const stacks = converted(interrupts, folded)
    .trimEnd()
    .split('\n')
    .map((line) => /^(.*) (\d+)$/.exec(line)!)

  it('sim trace stat: waiting is that of the stacks', () => {
    const waiting = stacks.filter(([, stack]) => stack!.endsWith(';(waiting)'))
    expect(stat.waitingCycles).toBeGreaterThan(0)
    expect(stat.waitingCycles).toBe(waiting.reduce((sum, [, , cycles]) => sum + Number(cycles), 0))
  })

  it('folded: the cycles of all stacks are those of the run', () => {
    const total = stacks.reduce((sum, [, , cycles]) => sum + Number(cycles), 0)
    expect(total).toBe(stat.lastCycle)
    const names = stacks.map(([, stack]) => stack)
    expect(names).toContain('_start;main')
    expect(names.some((stack) => /^_start;main;.*\(waiting\)$/.test(stack!))).toBe(true)
  })

  it('a function that interrupts come to is entered once, and each of its handlers has its last instruction', () => {
    const entered: string[] = []
    const follower = new CallFollower(interrupts, {
      enter: (name) => entered.push(name),
      leave: () => {},
    })
    interrupts.read(follower)
    const times = (name: string) => entered.filter((one) => one === name).length
    expect([times('_start'), times('main'), times('trap_entry')]).toEqual([1, 1, stat.events.trap])
  })

  it('speedscope: frames open and close like brackets, in the order of time', () => {
    const file = JSON.parse(converted(interrupts, speedscope))
    expect(Object.keys(file).sort()).toEqual(['$schema', 'exporter', 'name', 'profiles', 'shared'])
    const [profile] = file.profiles
    expect(profile).toMatchObject({ type: 'evented', unit: 'none', startValue: 0, endValue: stat.lastCycle })
    const open: number[] = []
    let time = profile.startValue
    const self = new Map<string, number>()
    for (const { type, frame, at } of profile.events) {
      const path = open.map((one) => file.shared.frames[one].name.replaceAll(';', ':')).join(';')
      self.set(path, (self.get(path) ?? 0) + at - time)
      expect(at).toBeGreaterThanOrEqual(time)
      time = at
      if (type === 'O') open.push(frame)
      else expect(open.pop()).toBe(frame)
    }
    expect(open).toEqual([])
    for (const [, stack, cycles] of stacks) expect(self.get(stack!)).toBe(Number(cycles))
  })

  it.skipIf(!has('callgrind_annotate'))('Callgrind: callgrind_annotate, where it is installed, finds the costs', () => {
    const text = readBy(
      'callgrind_annotate',
      (file) => ['--auto=no', '--threshold=100', file],
      converted(interrupts, callgrind),
    )
    const totals = /([\d,]+) \(100.0%\)\s+([\d,]+) \(100.0%\)\s+PROGRAM TOTALS/.exec(text)!
    expect(Number(totals[2]!.replaceAll(',', ''))).toBe(stat.instructions)
    for (const { name, cycles } of stat.functions.slice(0, 5)) {
      const line = new RegExp(`^\\s*([\\d,]+) .*:${name.replaceAll(/[()]/g, '\\$&')}\\b`, 'm').exec(text)
      expect([name, line?.[1]?.replaceAll(',', '')]).toEqual([name, String(cycles)])
    }
  })
})

it('Callgrind: a name with an end of line keeps to its own line', () => {
  const header = { ...interrupts.header, program: 'new\nevents: line.elf' }
  const named = Object.assign(Object.create(interrupts) as typeof interrupts, { header })
  expect(converted(named, callgrind)).toContain('\ncmd: new events: line.elf\npositions: line\n')
})

describe('VCD', () => {
  it.skipIf(!has('vcd2fst'))('is read by vcd2fst (gtkwave), where that is installed', () => {
    for (const trace of [interrupts, convolution]) {
      readBy('vcd2fst', (file) => [file, `${file}.fst`], converted(trace, vcd))
    }
  })

  it('goes forward in time; pc and registers are those of the instructions', () => {
    const text = converted(interrupts, vcd)
    const id = (name: string) => new RegExp(`^\\$var \\w+ \\d+ (\\S+) ${name} \\$end$`, 'm').exec(text)![1]!
    const ids = { pc: id('pc'), x10: id('x10') }
    const changes: string[] = []
    let time = -1
    let [pc, x10] = [-1, -1]
    for (const line of text.slice(text.indexOf('$enddefinitions')).split('\n')) {
      if (line.startsWith('#')) {
        const next = Number(line.slice(1))
        expect(next).toBeGreaterThan(time)
        time = next
      }
      const [, value, signal] = /^b([01]+) (\S+)$/.exec(line) ?? []
      if (signal === ids.pc) changes.push(`${time} pc ${Number.parseInt(value!, 2)}`)
      if (signal === ids.x10) changes.push(`${time} x10 ${Number.parseInt(value!, 2)}`)
    }
    const expected: string[] = []
    const picoseconds = 1e12 / interrupts.header.soc.clockHz
    interrupts.read({
      instructions: (log) => {
        for (let e = 0; e < log.count; e++) {
          if (log.pc[e] !== pc) expected.push(`${log.began[e]! * picoseconds} pc ${log.pc[e]}`)
          pc = log.pc[e]!
          if (log.destination[e] !== 10 || log.result[e]! >>> 0 === x10) continue
          x10 = log.result[e]! >>> 0
          expected.push(`${log.began[e + 1]! * picoseconds} x10 ${x10}`)
        }
      },
    })
    const byTime = (a: string, b: string) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b)
    expect(changes.sort(byTime)).toEqual(expected.sort(byTime))
  })

  it('shows units, queues and bus idle at the end of a run in which a command failed', () => {
    const trace = new TraceReader(goldenTrace('accelerator-error'), 'accelerator-error')
    const commands = Object.fromEntries(
      ['load', 'store', 'front-end'].map((unit) => [unit, { opcode: 0, unit, fields: [] }]),
    )
    const text = converted(Object.assign(trace, { header: { ...trace.header, commands } }), vcd)
    const last = (name: string) => {
      const id = new RegExp(`^\\$var wire \\d+ (\\S+) ${name} \\$end$`, 'm').exec(text)![1]!
      const isOf = (line: string) => /^[01b]/.test(line) && line.replace(/^b[01]+ |^[01]/, '') === id
      return text.split('\n').findLast(isOf)?.slice(0, -id.length).trim()
    }
    expect(['load_busy', 'store_busy'].map(last)).toEqual(['0', '0'])
    expect(['load_queued', 'store_queued', 'front-end_queued', 'bus_busy'].map(last)).toEqual(Array(4).fill('b0'))
  })
})

describe("Perfetto: Chrome's trace event format", () => {
  const events = JSON.parse(converted(convolution, perfetto)).traceEvents as ChromeEvent[]
  const named = (ph: string, key: string) => events.filter((one) => one.ph === ph && one.name === key)

  it('names its processes and tracks', () => {
    const tracks = named('M', 'thread_name').map(({ args }) => args?.name)
    expect(tracks).toEqual(
      expect.arrayContaining(['functions', 'load', 'store', 'tokens', 'fences', 'device accesses']),
    )
    const keys = named('M', 'thread_name').map(({ pid, tid }) => `${pid} ${tid}`)
    for (const { ph, pid, tid } of events) if (ph !== 'M' && ph !== 'C') expect(keys).toContain(`${pid} ${tid}`)
  })

  it('has a slice for every command, which lasts as long as its unit worked', () => {
    const started = new Map<string, number>()
    const expected: string[] = []
    convolution.read({
      event: (event) => {
        if (event.kind === 'started') started.set(`${event.command.unit} ${event.command.index}`, event.at)
        if (event.kind !== 'finished' || !started.has(`${event.command.unit} ${event.command.index}`)) return
        const { unit, index, name } = event.command
        expected.push(`${name} ${index} ${event.at - started.get(`${unit} ${index}`)!}`)
      },
    })
    const cycles = (microseconds: number) => Math.round((microseconds * convolution.header.soc.clockHz) / 1e6)
    const begun = new Map<number, ChromeEvent>()
    const slices: string[] = []
    for (const event of events) {
      if (event.args?.index === undefined || event.ph === 'C') continue
      if (event.ph === 'B') begun.set(event.tid, event)
      else slices.push(`${event.name} ${event.args.index} ${cycles(event.ts!) - cycles(begun.get(event.tid)!.ts!)}`)
    }
    expect(slices).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })

  it('has slices of functions that nest, and counters that are never negative', () => {
    const open = new Map<number, string[]>()
    for (const { ph, tid, name, ts, args } of events) {
      if (ph !== 'M') expect(Number.isFinite(ts)).toBe(true)
      const stack = open.get(tid) ?? []
      open.set(tid, stack)
      if (ph === 'B') stack.push(name)
      if (ph === 'E') expect(stack.pop()).toBe(name)
      if (ph === 'C') for (const value of Object.values(args!)) expect(value).toBeGreaterThanOrEqual(0)
    }
    expect([...open.values()].flat()).toEqual([])
  })
})
