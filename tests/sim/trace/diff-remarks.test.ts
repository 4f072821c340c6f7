import { describe, expect, it } from 'vitest'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { diffTraces } from '../../../sim/trace/diff/diff-traces.ts'
import { firstDifference } from '../../../sim/trace/diff/first-difference.ts'
import { formatDiff } from '../../../sim/trace/diff/format-diff.ts'
import type { TraceHeader } from '../../../sim/trace/header.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { asm, exit, li } from '../guest.ts'
import { recordInstructions } from './record.ts'

const program = [...li(5, 100), ...li(6, 7), asm('add', { rd: 7, rs1: 5, rs2: 6 }), ...exit]
const whole = recordInstructions(program)
const read = (bytes: Uint8Array, file: string) => new TraceReader(bytes, file)

/** A trace that says something else of its run. */
const claiming = (header: Partial<TraceHeader>) => {
  const trace = read(whole, 'b')
  return Object.assign(trace, { header: { ...trace.header, ...header } })
}

const remarksOn = (b: TraceReader) => {
  const a = read(whole, 'a')
  const comparison = diffTraces(a, b)
  const text = formatDiff(comparison, a, b)
  const messages = comparison.remarks.map(({ message }) => message)
  expect(text.split('\n').slice(0, messages.length)).toEqual(messages)
  return { kinds: comparison.remarks.map(({ kind }) => kind), messages, text, comparison }
}

describe('two traces', () => {
  it('of the same run differ in nothing', () => {
    expect(remarksOn(read(whole, 'b')).messages).toEqual([])
    // The name of a file makes no other program of it.
    expect(remarksOn(claiming({ program: 'copy' })).messages).toEqual([])
  })

  it('of other programs say so: by symbols, entry and code', () => {
    const start = { name: 'start', address: 0x8000_0040, size: 4, kind: 'function' } as const
    const message = 'the traces are of different programs: '
    expect(remarksOn(claiming({ symbols: [start] })).messages).toEqual([
      `${message}start is at 0x80000000 and 0x80000040`,
    ])
    expect(remarksOn(claiming({ symbols: [] })).messages).toEqual([`${message}only a has the symbol start`])
    expect(remarksOn(claiming({ entry: 4 })).messages).toEqual([`${message}they begin at 0x80000000 and 0x00000004`])
    expect(remarksOn(claiming({ program: 'other', entry: 4 })).messages[0]).toContain('programs, test and other: they')
    const [lui, ...rest] = program
    const other = recordInstructions([lui!, asm('addi', { rd: 5, rs1: 5, imm: 1 }), ...rest.slice(1)])
    expect(remarksOn(read(other, 'b')).messages).toEqual([`${message}other code at 0x80000004 in start`])
  })

  it('of other platforms say so', () => {
    const blocks = defaultSoc.blocks.map((block) => (block.kind === 'ram' ? { ...block, waitStates: 3 } : block))
    const { kinds, messages } = remarksOn(claiming({ soc: { ...defaultSoc, blocks }, isa: 'rv32i', cpu: 'ibex' }))
    expect(kinds).toEqual(['soc', 'isa', 'cpu'])
    expect(messages).toEqual([
      'the traces are of different SoC descriptions: ram.waitStates is not given and 3',
      'the traces are of different instruction sets: rv32im and rv32i',
      'the traces are of different timing models: ideal and ibex',
    ])
  })

  it('of which one is cut off: its end is no difference', () => {
    const { messages, text } = remarksOn(read(whole.subarray(0, whole.length - 1), 'b'))
    expect(messages).toEqual(['b is cut off at cycle 10: the end of its run is missing'])
    expect(text).toBe(`${messages[0]}\nthe traces are the same\n`)
    const [chunk] = read(whole, 'a').index
    const empty = remarksOn(read(whole.subarray(0, chunk![0]), 'b'))
    expect(empty.kinds).toEqual(['cut-off', 'empty'])
    expect(empty.text).toContain('what the hart did is the same in 0 steps, up to where b ends:')
    expect(empty.text).toContain('  + the trace is cut off here\n')
  })

  it('of which one is of a part of its run: that this ends is no difference', () => {
    const part = read(recordInstructions(program, { limit: 3, covers: { from: 0, to: 3 } }), 'b')
    const { messages, text } = remarksOn(part)
    expect(messages).toEqual(['a was recorded all the time, b with --trace-from 0 --trace-to 3'])
    expect(text).toContain('what the hart did is the same in 3 steps, up to where b ends:')
    expect(text).toContain('  + the trace ends: it was recorded with --trace-from 0 --trace-to 3\n')
  })

  it('of a run and of what a snapshot of it went on with say where they begin', () => {
    const late = claiming({})
    const index = late.index.map(([at, from, ...rest]) => [at, from + 5, ...rest] as const)
    expect(remarksOn(Object.assign(late, { index })).messages).toEqual(['a begins at cycle 0, b at cycle 5'])
  })
})

it('plain data differs where a name or a place in a list says', () => {
  expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBeUndefined()
  expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe('a.1.b is 2 and 3')
  expect(firstDifference({ a: [{ name: 'x', b: 2 }] }, { a: [{ name: 'x' }] })).toBe('x.b is 2 and not given')
})
