import { expect, it } from 'vitest'
import type { AcceleratorListener, IssuedCommand } from '../../../sim/accel/listener.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { type EventGroup, eventGroups, type TraceCommand, type TraceEvent } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { cycleWindow } from '../../../sim/trace/window.ts'
import { type TraceOptions, TraceWriter } from '../../../sim/trace/writer.ts'

/** A command as an accelerator issues it: a transfer of `bytes` bytes. */
function issue(index: number, bytes: number): IssuedCommand {
  const regions = [{ memory: 'ram', access: 'read' as const, start: 0x8000_0000, bytes }]
  const command = { name: 'load', index, address: 0x8000_1000 + 32 * index, fields: { opcode: 1, bytes }, regions }
  return { ...command, spec: { unit: 'load' }, cost: { cycles: 1 } } as unknown as IssuedCommand
}

/** The events of a trace of what an accelerator tells. */
function record(tell: (accelerator: Required<AcceleratorListener>) => void, options: Partial<TraceOptions> = {}) {
  const pieces: Uint8Array[] = []
  const platform = { soc: defaultSoc, isa: 'rv32im', cpu: 'ideal' }
  const events = new Set<EventGroup>(eventGroups.filter((group) => group !== 'commit' && group !== 'mem'))
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events, ...options })
  tell(writer.probe.accelerator as Required<AcceleratorListener>)
  writer.close()
  const file = new Uint8Array(Buffer.concat(pieces))
  return { events: [...new TraceReader(file, 'test').pieces()] as TraceEvent[], file }
}

/** Fetched, queued, started, finished, a cycle each. */
function execute(accelerator: Required<AcceleratorListener>, command: IssuedCommand, at: number): void {
  accelerator.fetched(command, at, Uint8Array.of(1, 0, 0, 0, command.fields.bytes!))
  accelerator.queued(command, at + 1)
  accelerator.started(command, at + 2)
  accelerator.token('load', 'compute', 1, at + 2)
  accelerator.finished(command, at + 3)
}

const commandsOf = (events: readonly TraceEvent[]): TraceCommand[] =>
  events.flatMap((event) => ('command' in event ? [event.command] : []))

it('events of commands and tokens come out in their order, with their cycles', () => {
  const { events } = record((accelerator) => execute(accelerator, issue(3, 64), 10))
  expect(events.map(({ kind, at }) => [kind, at])).toEqual([
    ['queued', 11],
    ['started', 12],
    ['token', 12],
    ['finished', 13],
  ])
  const regions = [{ memory: 'ram', write: false, start: 0x8000_0000, bytes: 64 }]
  const command = { name: 'load', unit: 'load', index: 3, address: 0x8000_1060, fields: { opcode: 1, bytes: 64 } }
  expect(commandsOf(events)).toEqual(Array(3).fill({ ...command, regions }))
})

it('more events than are encoded at once are all there', () => {
  const { events } = record((accelerator) => {
    for (let i = 0; i < 3000; i++) execute(accelerator, issue(i % 7, i % 100), 10 * i)
  })
  const finished = events.filter(({ kind }) => kind === 'finished')
  expect(finished.map(({ at }) => at)).toEqual(Array.from({ length: 3000 }, (_, i) => 10 * i + 3))
  const fields = commandsOf(finished).map(({ index, fields }) => [index, fields.bytes])
  expect(fields).toEqual(Array.from({ length: 3000 }, (_, i) => [i % 7, i % 100]))
})

it('a stream that never begins again is recorded like any other', () => {
  const { events } = record((accelerator) => {
    for (let index = 0; index < 20_000; index++) execute(accelerator, issue(index, 64), 10 * index)
  })
  const finished = events.flatMap((event) => (event.kind === 'finished' ? [event.command.index] : []))
  expect(finished).toEqual(Array.from({ length: 20_000 }, (_, index) => index))
})

it('a command that comes again takes few bytes, as long as its bytes are the same', () => {
  const size = (bytesOf: (round: number) => number) =>
    record((accelerator) => {
      for (let round = 0; round < 50; round++) execute(accelerator, issue(1, bytesOf(round)), 10 * round)
    }).file.length
  expect(size(() => 64)).toBeLessThan(size((round) => (round * 77) % 251) - 200)
})

it('a command that was fetched before the machine went to another state is the one that is queued', () => {
  const { events } = record((accelerator) => {
    execute(accelerator, issue(1, 64), 0)
    accelerator.fetched(issue(1, 64), 10, Uint8Array.of(1, 0, 0, 0, 64))
    accelerator.started(issue(1, 32), 12)
  })
  expect(commandsOf(events).map(({ fields }) => fields.bytes)).toEqual([64, 64, 64, 32])
})

it('only what happens inside of the window, of the chosen kinds, is recorded', () => {
  const window = cycleWindow(11, 13)
  const { events } = record((accelerator) => execute(accelerator, issue(3, 64), 10), { window })
  expect(events.map(({ kind }) => kind)).toEqual(['queued', 'started', 'token'])
  const tokens = record((accelerator) => execute(accelerator, issue(3, 64), 10), { events: new Set(['token']) })
  expect(tokens.events.map(({ kind }) => kind)).toEqual(['token'])
  const compute = record((accelerator) => execute(accelerator, issue(3, 64), 10), { events: new Set(['compute']) })
  expect(compute.events).toEqual([])
})
