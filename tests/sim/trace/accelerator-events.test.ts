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

/** Queued, started, finished, a cycle each. */
function execute(accelerator: Required<AcceleratorListener>, command: IssuedCommand, at: number): void {
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

/** Runs of a network whose commands are the same objects each time, `gap` cycles apart. */
function network(accelerator: Required<AcceleratorListener>, gap: (round: number) => number): void {
  const commands = Array.from({ length: 20 }, (_, index) => issue(index, 64 * index))
  let at = 0
  for (let round = 0; round < 50; round++) {
    for (const command of commands) execute(accelerator, command, (at += 10))
    accelerator.fence(round % 3, (at += gap(round)))
  }
}

it('a network that runs again as it did before takes next to no bytes', () => {
  const size = (gap: (round: number) => number) => record((accelerator) => network(accelerator, gap)).file.length
  const once = record((accelerator) => execute(accelerator, issue(0, 64), 10)).file.length
  expect(size(() => 100) - once).toBeLessThan(1000)
  expect(size((round) => 100 + (round % 2))).toBeLessThan(size((round) => 100 + ((round * 77) % 251)))
})

it('events are what they were, whether they came as before, at other times, or in another order', () => {
  let seed = 1
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const commands = Array.from({ length: 8 }, (_, index) => issue(index, 64))
  const told: unknown[] = []
  const { events } = record((accelerator) => {
    for (const command of commands) accelerator.queued(command, 0)
    let at = 0
    for (let i = 0; i < 5000; i++) {
      const [command, kind] = [commands[random(20) < 19 ? i % 8 : random(8)]!, random(10) < 9 ? i % 5 : random(5)]
      at += random(30) < 29 ? 7 : random(1000)
      if (kind === 3) accelerator.token('load', i % 2 === 0 ? 'compute' : 'store', i % 3, at)
      else if (kind === 4) accelerator.fence(i % 4, at)
      else accelerator[(['queued', 'started', 'finished'] as const)[kind]!](command, at)
      const about = kind === 3 ? [i % 2 === 0 ? 'compute' : 'store', i % 3] : kind === 4 ? i % 4 : command.index
      told.push([kind, at, about])
    }
  })
  const kinds = ['queued', 'started', 'finished', 'token', 'fence']
  const read = events.map((event) => {
    const about =
      event.kind === 'token'
        ? [event.to, event.count]
        : event.kind === 'fence'
          ? event.sequence
          : 'command' in event && event.command.index
    return [kinds.indexOf(event.kind), event.at, about]
  })
  expect(read.slice(commands.length)).toEqual(told)
})

it('another command with the index of one before is another one', () => {
  const { events } = record((accelerator) => {
    for (const bytes of [64, 32, 64]) execute(accelerator, issue(1, bytes), 10)
  })
  const finished = events.filter(({ kind }) => kind === 'finished')
  expect(commandsOf(finished).map(({ fields }) => fields.bytes)).toEqual([64, 32, 64])
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

it('a fence has any 32-bit number', () => {
  const numbers = [1, 2, 1, 2 ** 27, 1, 2, 2 ** 32 - 1, 1, 2, 2 ** 27, 1, 2]
  const { events } = record((accelerator) => {
    for (const [i, sequence] of numbers.entries()) accelerator.fence(sequence, 10 * i)
  })
  expect(events.map((event) => event.kind === 'fence' && event.sequence)).toEqual(numbers)
})

it('a command that takes as long as thousands of others is still itself when it ends', () => {
  const [slow, others] = [issue(5, 64), 1 << 14]
  const { events } = record((accelerator) => {
    accelerator.queued(slow, 0)
    for (let index = 6; index <= 5 + others; index++) execute(accelerator, issue(index, 32), 10 * index)
    accelerator.started(slow, 500_000)
    accelerator.finished(slow, 500_001)
  })
  expect(commandsOf(events.slice(-2)).map(({ index }) => index)).toEqual([5, 5])
})

it.each([254, 255, 256])('what follows a standstill behind %d events is what it was', (count) => {
  const pieces: Uint8Array[] = []
  const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), {
    platform: { soc: defaultSoc, isa: 'rv32im', cpu: 'ideal' },
    events: new Set<EventGroup>(['trap', 'token']),
  })
  for (let i = 0; i < count; i++) writer.probe.accelerator!.token!('load', 'compute', 1, i)
  writer.probe.standstill!({ from: 300, until: 400, pc: 4, instructions: 0 })
  for (const at of [400, 500]) writer.probe.trap!({ at, pc: at, handler: 8, cause: 11, value: 0 })
  writer.close()
  const events = [...new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'test').pieces()] as TraceEvent[]
  expect(events.slice(count).map(({ kind, at }) => [kind, at])).toEqual([
    ['idle', 300],
    ['trap', 400],
    ['trap', 500],
  ])
})
