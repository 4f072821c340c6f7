import { UserError } from '../diagnostic.ts'
import { type ProgramSymbol, SymbolTable } from '../elf/symbols.ts'
import { InstructionLog } from '../probe/instruction-log.ts'
import type { TraceEvent } from './events.ts'
import { ByteReader } from './format/byte-reader.ts'
import { EventDecoder } from './format/event-codec.ts'
import {
  CHUNK,
  END_BYTES,
  END_MAGIC,
  HEADER,
  INDEX,
  MAGIC,
  PLACES,
  RECORDS_AT,
  type RecordPlace,
  recordAt,
  recordContent,
  VERSION,
} from './format/file.ts'
import { InstructionDecoder } from './format/instruction-codec.ts'
import type { TraceHeader } from './header.ts'
import type { IndexEntry, SourcePlaces } from './writer.ts'

/** Who reads a trace; called in the order of the run. */
export interface TraceVisitor {
  /** Instructions that retired one after the other; valid during the call. */
  instructions?(log: InstructionLog): void
  event?(event: TraceEvent): void
}

/** What to read: instructions that begin, and events that happen, from one cycle up to another. */
export interface TraceRange {
  readonly from?: number
  readonly to?: number
}

/** A `.simtrace` file. */
export class TraceReader {
  readonly header: TraceHeader
  /** Whether the run that wrote it came to its end; else it is readable up to where it was cut off. */
  readonly complete: boolean
  readonly symbols: SymbolTable
  /** One row for each chunk: where it begins in the file, its cycles, its instructions and events. */
  readonly index: readonly IndexEntry[]
  /** Its name. */
  readonly file: string
  private readonly bytes: Uint8Array
  private readonly lines = new Map<number, { readonly file: string; readonly line: number }>()

  /** @throws UserError when it is no trace, or one of another version */
  constructor(bytes: Uint8Array, file: string) {
    if (bytes.length < RECORDS_AT || !MAGIC.every((byte, i) => bytes[i] === byte))
      throw refusal('format', 'it is no trace', file)
    const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true)
    if (version !== VERSION) {
      throw refusal('version', `it has version ${version} of the trace format, not ${VERSION}`, file)
    }
    this.bytes = bytes
    this.file = file
    const header = this.json(recordAt(bytes, RECORDS_AT), HEADER)
    if (header === undefined) throw refusal('damaged', 'it is cut off in its header, or damaged', file)
    this.header = header as TraceHeader
    this.symbols = new SymbolTable(this.header.symbols as ProgramSymbol[])
    const index = this.readIndex()
    this.complete = index !== undefined
    this.index = index ?? this.rebuildIndex()
    if (index !== undefined) this.readPlaces()
  }

  /** The source line of code that ran, when the program's debug data told and the trace is complete. */
  lineAt(pc: number): { readonly file: string; readonly line: number } | undefined {
    return this.lines.get(pc)
  }

  /** The function that an address is in, or its address. */
  functionAt(pc: number): string {
    return this.symbols.functionAt(pc)?.name ?? `0x${(pc >>> 0).toString(16)}`
  }

  /** Whether another trace holds the same, byte for byte, beside its header and source lines. */
  hasChunksOf(other: TraceReader): boolean {
    const own = [...this.chunkBytes()]
    const others = [...other.chunkBytes()]
    return own.length === others.length && own.every((bytes, i) => sameBytes(bytes, others[i]!))
  }

  /** Reads instructions and events to the end of the range. @throws UserError when it comes to a chunk that is damaged */
  read(visitor: TraceVisitor, range: TraceRange = {}): void {
    for (const piece of this.pieces(range)) {
      if (piece instanceof InstructionLog) visitor.instructions?.(piece)
      else visitor.event?.(piece)
    }
  }

  /** The same, one piece after the other; a log is valid until the next piece is asked for. */
  *pieces(range: TraceRange = {}): Iterable<InstructionLog | TraceEvent> {
    const { from, to } = { ...everything, ...range }
    const part = new InstructionLog()
    for (const content of this.chunks({ from, to })) {
      for (const piece of chunkPieces(content)) {
        if (!(piece instanceof InstructionLog)) {
          if (piece.at >= from && piece.at < to) yield piece
          continue
        }
        const log = entriesIn(piece, from, to, part)
        if (log.count > 0) yield log
      }
    }
  }

  /** Events alone, which takes less time. */
  *events(): Iterable<TraceEvent> {
    for (const content of this.chunks(everything)) {
      const { events } = openChunk(content)
      while (events.left > 0) yield events.read().event
    }
  }

  /** Contents of the chunks that reach into a range. */
  private *chunks({ from, to }: Required<TraceRange>): Iterable<Uint8Array> {
    for (const [number, [at, begins, ends]] of this.index.entries()) {
      if (ends < from || begins >= to) continue
      const record = recordAt(this.bytes, at)
      const content = record && recordContent(this.bytes, record)
      if (content === undefined) {
        const message = `its chunk ${number}, cycles ${begins} to ${ends}, is damaged`
        throw new UserError('trace-damaged', message, 'read what comes before or behind it, or record it again', {
          file: this.file,
        })
      }
      yield content
    }
  }

  private json(record: RecordPlace | undefined, kind: number): unknown {
    const content = record?.kind === kind ? recordContent(this.bytes, record) : undefined
    return content && JSON.parse(new TextDecoder().decode(content))
  }

  private readIndex(): readonly IndexEntry[] | undefined {
    const { bytes } = this
    const end = bytes.length - END_BYTES
    if (!END_MAGIC.every((byte, i) => bytes[end + 8 + i] === byte)) return undefined
    const at = Number(new DataView(bytes.buffer, bytes.byteOffset + end).getBigUint64(0, true))
    return this.json(recordAt(bytes, at), INDEX) as readonly IndexEntry[] | undefined
  }

  /** What the index would be, from the chunks that are there, up to one that is damaged. */
  private rebuildIndex(): IndexEntry[] {
    const index: IndexEntry[] = []
    for (const record of this.records()) {
      if (record.kind !== CHUNK) continue
      const content = recordContent(this.bytes, record)
      if (content === undefined) break
      const numbers = new ByteReader(content)
      index.push([record.at, numbers.unsigned(), numbers.unsigned(), numbers.unsigned(), numbers.unsigned()])
    }
    return index
  }

  private *chunkBytes(): Iterable<Uint8Array> {
    for (const [at] of this.index) yield this.bytes.subarray(at, recordAt(this.bytes, at)?.end)
  }

  private *records(): Iterable<RecordPlace> {
    let record = recordAt(this.bytes, RECORDS_AT)
    while (record !== undefined) {
      yield record
      record = recordAt(this.bytes, record.end)
    }
  }

  /** Source lines stand behind the last chunk. */
  private readPlaces(): void {
    const last = this.index.at(-1)
    const before = recordAt(this.bytes, last === undefined ? RECORDS_AT : last[0])
    const places = this.json(before && recordAt(this.bytes, before.end), PLACES) as SourcePlaces | undefined
    let [address, number] = [0, 0]
    for (const [pc, file, line] of places?.lines ?? []) {
      address += pc
      number += line
      this.lines.set(address, { file: places!.files[file]!, line: number })
    }
  }
}

const everything = { from: 0, to: Number.POSITIVE_INFINITY }

function openChunk(content: Uint8Array): { instructions: InstructionDecoder; events: EventDecoder } {
  const from = new ByteReader(content)
  const at = from.unsigned()
  for (let skipped = 0; skipped < 3; skipped++) from.unsigned()
  const section = () => new ByteReader(from.take(from.unsigned()))
  const instructions = new InstructionDecoder(from, at, section)
  return { instructions, events: new EventDecoder(from, at, section) }
}

function* chunkPieces(content: Uint8Array): Iterable<InstructionLog | TraceEvent> {
  const { instructions, events } = openChunk(content)
  while (events.left > 0) {
    const { instructions: before, event } = events.read()
    yield* logs(instructions, before)
    yield event
  }
  yield* logs(instructions, instructions.left)
}

function* logs(instructions: InstructionDecoder, count: number): Iterable<InstructionLog> {
  for (let left = count; left > 0; left -= instructions.log.count) {
    instructions.read(left)
    if (instructions.log.count === 0) throw new RangeError('an event comes after more instructions than there are')
    yield instructions.log
  }
}

/** The entries of a log that begin in a range of cycles, copied where they are not all. */
function entriesIn(log: InstructionLog, from: number, to: number, copy: InstructionLog): InstructionLog {
  let first = 0
  let until = log.count
  while (first < until && log.began[first]! < from) first++
  while (until > first && log.began[until - 1]! >= to) until--
  return until - first === log.count ? log : copyEntries(log, first, until, copy)
}

const columns = ['pc', 'raw', 'privilege', 'destination', 'result', 'access', 'address', 'stored'] as const

function copyEntries(log: InstructionLog, first: number, until: number, into: InstructionLog): InstructionLog {
  into.clear()
  into.count = until - first
  into.registers.set(log.registers)
  for (let e = 0; e < first; e++) if (log.destination[e] !== 0) into.registers[log.destination[e]!] = log.result[e]!
  for (const column of columns) into[column].set(log[column].subarray(first, until))
  into.began.set(log.began.subarray(first, until + 1))
  for (const control of log.controls) {
    if (control.entry >= first && control.entry < until) {
      into.controls.push({ ...control, entry: control.entry - first })
    }
  }
  return into
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function refusal(code: string, message: string, file: string): UserError {
  return new UserError(`trace-${code}`, message, 'record it again with sim run --trace=FILE.simtrace', { file })
}
