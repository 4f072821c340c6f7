/** What a timeline must show of a trace, in the order in which it begins; all instants in cycles. */
import { CallFollower } from '../../../sim/trace/convert/call-follower.ts'
import { movesData, type TraceEvent } from '../../../sim/trace/events.ts'
import type { TraceRange, TraceReader } from '../../../sim/trace/reader.ts'

export function eventsOf(trace: TraceReader, range: TraceRange = {}): TraceEvent[] {
  const events: TraceEvent[] = []
  trace.read({ event: (event) => events.push(event) }, range)
  return events
}

/** Functions, and how many others they were called from. */
export function calls(trace: TraceReader) {
  const all: { name: string; depth: number; at: number; cycles: number }[] = []
  const open: (typeof all)[number][] = []
  const follower = new CallFollower(trace, {
    enter: (name, at) => {
      const call = { name, depth: open.length, at, cycles: 0 }
      all.push(call)
      open.push(call)
    },
    leave: (_name, at) => {
      const call = open.pop()!
      call.cycles = at - call.at
    },
  })
  trace.read(follower)
  follower.finish()
  return all
}

/** Commands that a unit has carried out. */
export function commands(events: readonly TraceEvent[]) {
  return events.flatMap((event, i) => {
    if (event.kind !== 'started') return []
    const { unit: track, name, index } = event.command
    const end = events.slice(i).find((one) => one.kind === 'finished' && one.command.index === index)
    return end === undefined ? [] : [{ track, name, command: index, at: event.at, cycles: end.at - event.at }]
  })
}

/** Layers on the accelerator. */
export function layers(trace: TraceReader, events: readonly TraceEvent[]) {
  return events.flatMap((event, i) => {
    if (event.kind !== 'layer' || !event.begins) return []
    const { op, name } = trace.header.network!.layers.find(({ index }) => index === event.index)!
    const end = events.slice(i).find((one) => one.kind === 'layer' && one.index === event.index && !one.begins)
    const row = { name: `${event.index} ${op}`, tensor: name, at: event.at }
    return end === undefined ? [] : [{ ...row, cycles: end.at - event.at }]
  })
}

const hex = (word: number) => `0x${(word >>> 0).toString(16).padStart(8, '0')}`

/** What happens in one moment. */
export function moments(events: readonly TraceEvent[]) {
  return events.flatMap((event) => {
    const row = momentOf(event)
    return row === undefined ? [] : [{ track: row[0], name: row[1], detail: row[2] ?? null, at: event.at }]
  })
}

function momentOf(event: TraceEvent): readonly [track: string, name: string, detail?: string | number] | undefined {
  switch (event.kind) {
    case 'trap':
      return ['traps', `cause ${hex(event.cause)}`, hex(event.pc)]
    case 'mmio': {
      const name = `${event.write ? 'write' : 'read'} ${event.region}+0x${event.offset.toString(16)}`
      return ['device accesses', name, event.value === undefined ? 'refused' : hex(event.value)]
    }
    case 'uart': {
      const printable = event.byte >= 32 && event.byte < 127
      return ['console', printable ? String.fromCharCode(event.byte) : `0x${event.byte.toString(16)}`]
    }
    case 'token':
      return ['tokens', `${event.from} to ${event.to}`, event.count]
    case 'fence':
      return ['fences', `fence ${event.sequence}`]
    case 'error':
      return ['errors', event.message]
    case 'reset':
      return ['resets', 'reset']
  }
  return undefined
}

/** Values of counters at the end of each cycle in which they change, by their names. */
export function counters(events: readonly TraceEvent[]) {
  const values = new Map<string, Map<number, number>>()
  const set = (track: string, at: number, value: number) => {
    values.set(track, (values.get(track) ?? new Map()).set(at, value))
  }
  const step = (track: string, at: number, change: number) => {
    set(track, at, ([...(values.get(track)?.values() ?? [])].at(-1) ?? 0) + change)
  }
  const started = new Set<number>()
  for (const event of events) {
    const { at } = event
    if (event.kind === 'irq') set(`interrupt line ${event.irq} level`, at, Number(event.level))
    if (!('command' in event)) continue
    const { unit, index } = event.command
    if (event.kind === 'queued') step(`${unit} queue`, at, 1)
    // Fences leave their queue when they finish: no unit starts them.
    else if (event.kind === 'started' || !started.delete(index)) step(`${unit} queue`, at, -1)
    else if (movesData(event.command)) step('bus transfers', at, -1)
    if (event.kind !== 'started') continue
    started.add(index)
    if (movesData(event.command)) step('bus transfers', at, 1)
  }
  const rows = [...values].flatMap(([track, changes]) => [...changes].map(([at, value]) => ({ track, at, value })))
  return rows.sort((a, b) => (a.track < b.track ? -1 : a.track > b.track ? 1 : a.at - b.at))
}
