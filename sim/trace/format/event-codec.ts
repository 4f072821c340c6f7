/**
 * Events of a chunk as bytes: how many instructions came since the event before, its kind, its fields. A number is written
 * as its difference to that of the event of the same kind before it; texts and commands are written where they first
 * come up in the chunk, and are numbers from then on. `traces/README.md` has the rules.
 */
import type { CommandEventKind, TraceCommand, TraceEvent, TraceEventKind } from '../events.ts'
import type { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

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
]
const rows = kinds.map(([kind, fields], number) => ({ kind, number, fields: Object.entries(fields) }))
const rowOf = new Map(rows.map((row) => [row.kind, row]))

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
  private instructions = 0

  get bytes(): number {
    return this.out.length
  }

  begin(at: number): void {
    this.out.clear()
    this.memory = new Memory()
    this.memory.at = at
    this.commands.clear()
    this.instructions = 0
    this.count = 0
  }

  /** @param before instructions of the chunk that come before the event */
  append(event: TraceEvent, before: number): void {
    const { out } = this
    const { number, fields } = rowOf.get(event.kind)!
    this.head(number, event.at, before)
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
  command(kind: CommandEventKind, command: TraceCommand, at: number, before: number): void {
    this.head(rowOf.get(kind)!.number, at, before)
    this.commandNumber(command)
  }

  /** The same for tokens. */
  token(from: string, to: string, count: number, at: number, before: number): void {
    const { number } = rowOf.get('token')!
    this.head(number, at, before)
    this.text(from)
    this.text(to)
    const numbers = this.memory.numbers[number]!
    this.out.signed(count - numbers[TOKEN_COUNT]!)
    numbers[TOKEN_COUNT] = count
  }

  private head(number: number, at: number, before: number): void {
    const { out, memory } = this
    out.unsigned(before - this.instructions)
    out.byte(number)
    out.signed(at - memory.at)
    this.instructions = before
    memory.at = at
    this.count++
  }

  finish(into: ByteWriter): void {
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

/** Reads the events of one chunk. */
export class EventDecoder {
  /** Events that are still to come. */
  left: number
  private readonly in: ByteReader
  private readonly memory = new Memory()
  private readonly commands: TraceCommand[] = []
  private readonly fieldNames = new Map<string, string[]>()

  constructor(from: ByteReader, at: number, section: () => ByteReader) {
    this.left = from.unsigned()
    this.in = section()
    this.memory.at = at
  }

  /** The next event, and how many instructions came between it and the one before. */
  read(): { readonly instructions: number; readonly event: TraceEvent } {
    const { in: from, memory } = this
    const instructions = from.unsigned()
    const number = from.byte()
    const row = rows[number]
    if (row === undefined) throw new RangeError(`there is no event of kind ${number}`)
    memory.at += from.signed()
    this.left--
    const values: Values = { kind: row.kind, at: memory.at }
    const numbers = memory.numbers[number]!
    for (const [i, [name, type]] of row.fields.entries()) {
      if (type === 'text') values[name] = this.text()
      else if (type === 'command') values[name] = this.command()
      else if (type === 'flag') values[name] = from.byte() === 1
      else if (type === 'optional' && from.byte() === 0) values[name] = undefined
      else {
        numbers[i] = numbers[i]! + from.signed()
        values[name] = numbers[i]
      }
    }
    return { instructions, event: values as unknown as TraceEvent }
  }

  private text(): string {
    const { names } = this.memory
    const index = this.in.unsigned()
    if (index === names.length) names.push(this.in.text())
    const text = names[index]
    if (text === undefined) throw new RangeError('a text has no definition')
    return text
  }

  private command(): TraceCommand {
    const index = this.in.unsigned()
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
