import { debugInfo } from '../debug-info/debug-info.ts'
import type { ElfImage } from '../elf/image.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Probe } from '../probe/probe.ts'
import { EventRecorder } from './event-recorder.ts'
import type { EventGroup } from './events.ts'
import { ByteWriter } from './format/byte-writer.ts'
import { EventEncoder } from './format/event-codec.ts'
import { CHUNK, encodeRecord, fileEnd, fileHead, HEADER, INDEX, PLACES } from './format/file.ts'
import { InstructionEncoder } from './format/instruction-codec.ts'
import { type TraceTask, traceHeader } from './header.ts'
import { alwaysOpen, type Window } from './window.ts'

/** A chunk ends with so many instructions, or bytes of them before they are packed, or when its events are full. */
const CHUNK_INSTRUCTIONS = 1 << 22
const CHUNK_BYTES = 1 << 20

export interface TraceOptions extends TraceTask {
  /** When to record what the task covers; always when absent. */
  readonly window?: Window
}

/** A chunk in the index: where its record begins, its cycles, what it holds. */
export type IndexEntry = readonly [at: number, from: number, until: number, instructions: number, events: number]

/** Writes a `.simtrace` file while a machine runs. Give `probe` to the machine, and `close` when the run is over. */
export class TraceWriter {
  readonly probe: Probe
  private readonly write: (bytes: Uint8Array) => void
  private readonly options: TraceOptions
  private readonly window: Window
  private readonly instructions = new InstructionEncoder()
  private readonly events = new EventEncoder()
  private readonly recorder: EventRecorder
  private readonly index: IndexEntry[] = []
  private readonly code = new Set<number>()
  private image: ElfImage | undefined
  private written = 0
  /** The chunk's cycles so far. */
  private from = 0
  private until = 0

  /** @param write gets the bytes of the file, piece by piece */
  constructor(write: (bytes: Uint8Array) => void, options: TraceOptions) {
    this.write = write
    this.options = options
    this.window = options.window ?? alwaysOpen
    this.recorder = new EventRecorder(this.events, options.events, this.window, (at) => this.makeRoom(at))
    this.probe = this.makeProbe()
    this.instructions.begin(0)
    this.events.begin(0)
  }

  /** Ends the chunk: what happened so far is readable from then on, whatever becomes of the run. */
  cut(): void {
    this.recorder.finish()
    this.endChunk()
  }

  /** Ends the file: the rest of the instructions and events, source lines of the code that ran, the index. */
  close(): void {
    this.start()
    this.cut()
    this.append(encodeRecord(PLACES, json(this.places())))
    const indexAt = this.written
    this.append(encodeRecord(INDEX, json(this.index)))
    this.append(fileEnd(indexAt))
  }

  private makeProbe(): Probe {
    const { recorder } = this
    const { events } = this.options
    const has = (...groups: EventGroup[]) => groups.some((group) => events.has(group))
    const follows = has('commit', 'mem') || this.window.needsInstructions
    const trap = follows || has('trap')
    return {
      loaded: (image) => {
        this.image ??= image
      },
      ...(has('layer') && {
        // The header has the network of the first image, too.
        watches: (image) => (image === this.image ? recorder.watches(debugInfo(image).network) : []),
        stored: (store) => recorder.stored(store),
      }),
      ...(follows && { instructions: (log) => this.retired(log) }),
      ...(trap && {
        trap: (entry) => recorder.event({ kind: 'trap', ...entry }),
        trapReturn: (back) => recorder.event({ kind: 'return', ...back }),
        standstill: ({ from, until, pc }) => recorder.standstill(from, until, pc),
      }),
      ...((has('mmio') || this.window.device !== undefined) && {
        device: (access) => {
          this.window.device?.(access)
          recorder.event({ kind: 'mmio', ...access })
        },
      }),
      ...(has('irq') && { interruptLine: (irq, level, at) => recorder.event({ kind: 'irq', at, irq, level }) }),
      ...(has('uart') && { transmit: (byte, at) => recorder.event({ kind: 'uart', at, byte }) }),
      ...(has('dma', 'compute', 'token', 'layer') && { accelerator: recorder }),
      // Time may have gone back: a chunk's cycles only grow.
      restored: () => this.cut(),
    }
  }

  /** Instructions retired: those in the window are kept. */
  private retired(log: InstructionLog): void {
    this.recorder.finish()
    for (const [first, until] of this.window.entries(log)) {
      if (!this.options.events.has('commit')) this.accesses(log, first, until)
      else {
        if (this.isChunkEmpty) this.beginChunk(log.began[first]!)
        this.instructions.append(log, first, until)
        this.recorder.setInstructions(this.instructions.count)
        this.until = Math.max(this.until, log.began[until]!)
        this.endFullChunk()
      }
    }
  }

  /** Entries of the window: whether it is open now says nothing of them. */
  private accesses(log: InstructionLog, first: number, until: number): void {
    for (let e = first; e < until; e++) {
      const access = log.access[e]!
      const common = { kind: 'mem', at: log.began[e]!, pc: log.pc[e]!, address: log.address[e]! } as const
      const size = access & ACCESS_BYTES
      if ((access & ACCESS_LOAD) !== 0)
        this.recorder.access({ ...common, size, write: false, value: log.result[e]! >>> 0 })
      if ((access & ACCESS_STORE) !== 0) this.recorder.access({ ...common, size, write: true, value: log.stored[e]! })
    }
  }

  /** Makes room for an event at a cycle. */
  private makeRoom(at: number): void {
    if (this.events.isFullAt(at)) this.endChunk()
    if (this.isChunkEmpty) this.beginChunk(at)
  }

  private endFullChunk(): void {
    const { count, bytes } = this.instructions
    if (count >= CHUNK_INSTRUCTIONS || bytes >= CHUNK_BYTES) this.endChunk()
  }

  /** Whether nothing was recorded. */
  get isEmpty(): boolean {
    return this.index.length === 0 && this.isChunkEmpty
  }

  private get isChunkEmpty(): boolean {
    return this.instructions.count === 0 && this.events.count === 0
  }

  private beginChunk(at: number): void {
    this.from = at
    this.until = at
    this.instructions.begin(at)
    this.events.begin(at)
    this.recorder.setInstructions(0)
  }

  private endChunk(): void {
    if (this.isChunkEmpty) return
    const { instructions, events, from } = this
    const until = Math.max(this.until, events.until)
    this.start()
    const content = new ByteWriter()
    for (const number of [from, until, instructions.count, events.count]) content.unsigned(number)
    instructions.finish(content)
    events.finish(content)
    this.index.push([this.written, from, until, instructions.count, events.count])
    this.append(encodeRecord(CHUNK, content.bytes))
    for (const pc of instructions.code()) this.code.add(pc)
    this.beginChunk(until)
  }

  /** Before anything else is written. */
  private start(): void {
    if (this.written > 0) return
    this.append(fileHead())
    this.append(encodeRecord(HEADER, json(traceHeader(this.options, this.image))))
  }

  private append(bytes: Uint8Array): void {
    this.write(bytes)
    this.written += bytes.length
  }

  /** Source lines of the code that ran. */
  private places(): SourcePlaces {
    const files: string[] = []
    const lines: [number, number, number][] = []
    if (this.image === undefined) return { files, lines }
    const info = debugInfo(this.image)
    let before = { pc: 0, line: 0 }
    for (const pc of [...this.code].sort((a, b) => a - b)) {
      const place = info.lineAt(pc)
      if (place === undefined) continue
      if (!files.includes(place.file)) files.push(place.file)
      lines.push([pc - before.pc, files.indexOf(place.file), place.line - before.line])
      before = { pc, line: place.line }
    }
    return { files, lines }
  }
}

/** Content of the record PLACES: files, and for each address the file's number and the line. */
export interface SourcePlaces {
  readonly files: readonly string[]
  /** Addresses and lines are differences to the row before. */
  readonly lines: readonly (readonly [pc: number, file: number, line: number])[]
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
