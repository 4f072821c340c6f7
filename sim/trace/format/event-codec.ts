/**
 * Events of a chunk as bytes: how many came as predicted, then one that did not, and so on. Of that: how many instructions
 * came since the event before, its kind, its fields. A number is written as its difference to that of the event of the same
 * kind before it; texts and commands are written where they first come up in the chunk, and are numbers from then on.
 * Predicted is what followed the last time, as much later. `traces/README.md` has the rules.
 */
import type { CommandEventKind, TraceCommand, TraceEvent, TraceEventKind } from '../events.ts'
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { Successors } from './successors.ts'

type FieldType = 'number' | 'flag' | 'optional' | 'text' | 'command'

/** Fields of each kind of event behind `at`, in the order in which they are written. A kind's place is its number. */
const kinds: readonly (readonly [kind: TraceEventKind, fields: Readonly<Record<string, FieldType>>])[] = [
  ['trap', { pc: 'number', handler: 'number', cause: 'number', value: 'number' }],
  ['return', { pc: 'number', privilege: 'number' }],
  ['irq', { irq: 'number', level: 'flag' }],
  ['mmio', { pc: 'number', region: 'text', offset: 'number', size: 'number', write: 'flag', value: 'optional' }],
  ['mem', { pc: 'number', address: 'number', size: 'number', write: 'flag', value: 'number' }],
  ['uart', { byte: 'number' }],
  ['idle', { until: 'number', pc: 'number' }],
  ['queued', { command: 'command' }],
  ['started', { command: 'command' }],
  ['finished', { command: 'command' }],
  ['token', { from: 'text', to: 'text', count: 'number' }],
  ['fence', { sequence: 'number' }],
  ['error', { message: 'text' }],
  ['layer', { index: 'number', begins: 'flag' }],
  ['reset', {}],
]
const rows = kinds.map(([kind, fields], number) => ({ kind, number, fields: Object.entries(fields) }))
const rowOf = new Map(rows.map((row) => [row.kind, row]))

/** Kinds that are predicted: those that networks make many of, the same whenever they run. */
const predicted: ReadonlySet<TraceEventKind> = new Set([
  'queued',
  'started',
  'finished',
  'token',
  'fence',
  'layer',
] as const)
/** Numbers of those that are known by the event before them too. */
const chained: ReadonlySet<number> = new Set(
  (['token', 'fence', 'layer'] as const).map((kind) => rowOf.get(kind)!.number),
)

/** A chunk has no more events, bytes and cycles: a run that is cut loses no more. What is predicted is learnt anew in each. */
const CHUNK_EVENTS = 1 << 18
const CHUNK_BYTES = 1 << 18
const CHUNK_CYCLES = 2 ** 28

/** Place of `count` among the fields of a token. */
const TOKEN_COUNT = 2

type Values = Record<string, unknown>

/** What earlier events of the chunk have left behind. */
class Memory {
  at = 0
  readonly texts = new Map<string, number>()
  readonly names: string[] = []
  readonly numbers = rows.map(({ fields }) => new Array<number>(fields.length).fill(0))
  /** Field values of the command of each name that came last. */
  readonly fields = new Map<string, number[]>()
}

export class EventEncoder {
  /** Events of the chunk so far. */
  count = 0
  private out = new ByteWriter()
  private memory = new Memory()
  private readonly commands = new Map<TraceCommand, number>()
  private readonly successors = new Successors()
  private instructions = 0
  private asPredicted = 0
  private from = 0
  /** When the standstills of the chunk have ended. */
  private idleUntil = 0

  /** Whether an event at this cycle belongs into the next chunk. */
  isFullAt(at: number): boolean {
    return this.count >= CHUNK_EVENTS || this.out.length >= CHUNK_BYTES || at - this.from >= CHUNK_CYCLES
  }

  /** The last cycle that the chunk's events tell of. */
  get until(): number {
    return Math.max(this.memory.at, this.idleUntil)
  }

  begin(at: number): void {
    this.out.clear()
    this.memory = new Memory()
    this.memory.at = at
    this.commands.clear()
    this.successors.clear()
    this.instructions = 0
    this.asPredicted = 0
    this.from = at
    this.idleUntil = at
    this.count = 0
  }

  /**
   * Whether the event is the predicted one; then there is nothing more to write of it.
   *
   * @param key stands for kind and fields: two events of the trace have the same one when these are the same
   * @param before instructions of the chunk that come before the event
   */
  isExpected(key: number, at: number, before: number): boolean {
    if (!this.successors.follows(key, at - this.memory.at, before - this.instructions)) return false
    this.asPredicted++
    this.goTo(at, before)
    return true
  }

  /**
   * Writes an event that is not the predicted one.
   *
   * @param before instructions of the chunk that come before the event
   * @param key as `isExpected` was given it; absent when events of its kind are not predicted
   */
  append(event: TraceEvent, before: number, key?: number): void {
    const { out } = this
    const { number, fields } = rowOf.get(event.kind)!
    this.head(number, event.at, before, key)
    if (event.kind === 'idle') this.idleUntil = event.until
    const numbers = this.memory.numbers[number]!
    for (let i = 0; i < fields.length; i++) {
      const [name, type] = fields[i]!
      const value = (event as unknown as Values)[name]
      if (type === 'text') this.text(value as string)
      else if (type === 'command') this.commandNumber(value as TraceCommand)
      else if (type === 'flag') out.byte(Number(value))
      else if (type === 'optional' && value === undefined) out.byte(0)
      else {
        if (type === 'optional') out.byte(1)
        out.signed((value as number) - numbers[i]!)
        numbers[i] = value as number
      }
    }
  }

  /** The same for events of commands, which there are most of. @param command the same object whenever it comes up */
  command(kind: CommandEventKind, command: TraceCommand, at: number, before: number, key: number): void {
    this.head(rowOf.get(kind)!.number, at, before, key)
    this.commandNumber(command)
  }

  /** The same for tokens. */
  token(from: string, to: string, count: number, at: number, before: number, key: number): void {
    const { number } = rowOf.get('token')!
    this.head(number, at, before, key)
    this.text(from)
    this.text(to)
    const numbers = this.memory.numbers[number]!
    this.out.signed(count - numbers[TOKEN_COUNT]!)
    numbers[TOKEN_COUNT] = count
  }

  private head(number: number, at: number, before: number, key: number | undefined): void {
    const { out, memory } = this
    const [later, instructions] = [at - memory.at, before - this.instructions]
    out.unsigned(this.asPredicted)
    this.asPredicted = 0
    out.unsigned(instructions)
    out.byte(number)
    out.signed(later)
    if (key === undefined) this.successors.forgetPlace()
    else this.successors.learn(key, chained.has(number), later, instructions)
    this.goTo(at, before)
  }

  private goTo(at: number, before: number): void {
    this.instructions = before
    this.memory.at = at
    this.count++
  }

  finish(into: ByteWriter): void {
    this.out.unsigned(this.asPredicted)
    into.unsigned(this.count)
    into.unsigned(this.out.length)
    into.append(this.out.bytes)
  }

  private text(value: string): void {
    const { out, memory } = this
    const known = memory.texts.get(value)
    out.unsigned(known ?? memory.texts.size)
    if (known !== undefined) return
    memory.texts.set(value, memory.texts.size)
    out.text(value)
  }

  private commandNumber(command: TraceCommand): void {
    const { out, commands } = this
    const known = commands.get(command)
    out.unsigned(known ?? commands.size)
    if (known !== undefined) return
    commands.set(command, commands.size)
    this.define(command)
  }

  private define(command: TraceCommand): void {
    const { out, memory } = this
    this.text(command.name)
    this.text(command.unit)
    out.unsigned(command.index)
    out.unsigned(command.address)
    const names = Object.keys(command.fields)
    let before = memory.fields.get(command.name)
    if (before === undefined) {
      out.unsigned(names.length)
      for (const name of names) this.text(name)
      before = names.map(() => 0)
      memory.fields.set(command.name, before)
    }
    for (const [i, name] of names.entries()) {
      out.signed(command.fields[name]! - before[i]!)
      before[i] = command.fields[name]!
    }
    out.unsigned(command.regions.length)
    for (const { memory: name, write, start, bytes } of command.regions) {
      this.text(name)
      out.byte(Number(write))
      out.unsigned(start)
      out.unsigned(bytes)
    }
  }
}

/** An event as the decoder knows it: what it was, and what came behind it the last time. */
interface KnownEvent {
  readonly number: number
  readonly values: Values
  next?: { readonly event: KnownEvent; readonly later: number; readonly instructions: number }
}

/** Reads the events of one chunk. */
export class EventDecoder {
  /** Events that are still to come. */
  left: number
  private readonly in: ByteReader
  private readonly memory = new Memory()
  private readonly commands: TraceCommand[] = []
  private readonly fieldNames = new Map<string, string[]>()
  /** Events of the kinds that are predicted, by kind and fields. */
  private readonly known = new Map<string, KnownEvent>()
  private last: KnownEvent | undefined
  private asPredicted: number

  constructor(from: ByteReader, at: number, section: () => ByteReader) {
    this.left = from.unsigned()
    this.in = section()
    this.memory.at = at
    this.asPredicted = this.in.unsigned()
  }

  /** The next event, and how many instructions came between it and the one before. */
  read(): { readonly instructions: number; readonly event: TraceEvent } {
    this.left--
    if (this.asPredicted === 0) return this.readWritten()
    this.asPredicted--
    const next = this.last?.next
    if (next === undefined) throw new RangeError('nothing is known of an event')
    this.last = next.event
    this.memory.at += next.later
    const event = { ...next.event.values, at: this.memory.at } as unknown as TraceEvent
    return { instructions: next.instructions, event }
  }

  private readWritten() {
    const { in: from, memory } = this
    const instructions = from.unsigned()
    const number = from.byte()
    const row = rows[number]
    if (row === undefined) throw new RangeError(`there is no event of kind ${number}`)
    const later = from.signed()
    memory.at += later
    const values: Values = { kind: row.kind, at: memory.at }
    const numbers = memory.numbers[number]!
    const identity = chained.has(number) ? [number, this.last?.number ?? 0] : [number]
    for (const [i, [name, type]] of row.fields.entries()) {
      if (type === 'text') values[name] = this.text(identity)
      else if (type === 'command') values[name] = this.command(identity)
      else if (type === 'flag') identity.push(Number((values[name] = from.byte() === 1)))
      else if (type === 'optional' && from.byte() === 0) values[name] = undefined
      else {
        numbers[i] = numbers[i]! + from.signed()
        values[name] = numbers[i]
        identity.push(numbers[i]!)
      }
    }
    this.remember(predicted.has(row.kind) ? identity.join(' ') : undefined, values, later, instructions)
    this.asPredicted = from.unsigned()
    return { instructions, event: values as unknown as TraceEvent }
  }

  private remember(identity: string | undefined, values: Values, later: number, instructions: number): void {
    if (identity === undefined) {
      this.last = undefined
      return
    }
    const event = this.known.get(identity) ?? { number: this.known.size + 1, values }
    this.known.set(identity, event)
    if (this.last !== undefined) this.last.next = { event, later, instructions }
    this.last = event
  }

  /** @param identity gets the text's number */
  private text(identity: number[] = []): string {
    const { names } = this.memory
    const index = this.in.unsigned()
    identity.push(index)
    if (index === names.length) names.push(this.in.text())
    const text = names[index]
    if (text === undefined) throw new RangeError('a text has no definition')
    return text
  }

  private command(identity: number[]): TraceCommand {
    const index = this.in.unsigned()
    identity.push(index)
    if (index === this.commands.length) this.commands.push(this.define())
    const command = this.commands[index]
    if (command === undefined) throw new RangeError('a command has no definition')
    return command
  }

  private define(): TraceCommand {
    const { in: from, memory } = this
    const name = this.text()
    const unit = this.text()
    const [index, address] = [from.unsigned(), from.unsigned()]
    let names = this.fieldNames.get(name)
    if (names === undefined) {
      names = Array.from({ length: from.unsigned() }, () => this.text())
      this.fieldNames.set(name, names)
      memory.fields.set(
        name,
        names.map(() => 0),
      )
    }
    const before = memory.fields.get(name)!
    const fields: Record<string, number> = {}
    for (const [i, field] of names.entries()) {
      before[i] = before[i]! + from.signed()
      fields[field] = before[i]!
    }
    const regions = Array.from({ length: from.unsigned() }, () => ({
      memory: this.text(),
      write: from.byte() === 1,
      start: from.unsigned(),
      bytes: from.unsigned(),
    }))
    return { name, unit, index, address, fields, regions }
  }
}
