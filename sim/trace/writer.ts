import type { IssuedCommand } from '../accel/listener.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import type { ElfImage } from '../elf/image.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Probe } from '../probe/probe.ts'
import { type EventGroup, groupsOf, type TraceCommand, type TraceEvent } from './events.ts'
import { ByteWriter } from './format/byte-writer.ts'
import { EventEncoder } from './format/event-codec.ts'
import { CHUNK, encodeRecord, fileEnd, fileHead, HEADER, INDEX, PLACES } from './format/file.ts'
import { InstructionEncoder } from './format/instruction-codec.ts'
import { type TracedPlatform, traceHeader } from './header.ts'
import { LayerWatch } from './layer-watch.ts'
import { alwaysOpen, type Window } from './window.ts'

/** A chunk ends with so many instructions, or so many bytes before they are packed. */
const CHUNK_INSTRUCTIONS = 1 << 20
const CHUNK_BYTES = 1 << 20

export interface TraceOptions {
  readonly platform: TracedPlatform
  readonly events: ReadonlySet<EventGroup>
  /** When to record; always when absent. */
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
  private readonly index: IndexEntry[] = []
  private readonly commands = new WeakMap<IssuedCommand, TraceCommand>()
  private readonly code = new Set<number>()
  private layers: LayerWatch | undefined
  private image: ElfImage | undefined
  /** How long the hart has stood still, when it does. */
  private idle: Extract<TraceEvent, { kind: 'idle' }> | undefined
  private written = 0
  /** The chunk's cycles so far. */
  private from = 0
  private until = 0

  /** @param write gets the bytes of the file, piece by piece */
  constructor(write: (bytes: Uint8Array) => void, options: TraceOptions) {
    this.write = write
    this.options = options
    this.window = options.window ?? alwaysOpen
    this.probe = this.makeProbe()
    this.instructions.begin(0)
    this.events.begin(0)
  }

  /** Ends the chunk: what happened so far is readable from then on, whatever becomes of the run. */
  cut(): void {
    this.endChunk()
  }

  /** Ends the file: the rest of the instructions and events, source lines of the code that ran, the index. */
  close(): void {
    this.start()
    this.endChunk()
    this.append(encodeRecord(PLACES, json(this.places())))
    const indexAt = this.written
    this.append(encodeRecord(INDEX, json(this.index)))
    this.append(fileEnd(indexAt))
  }

  private makeProbe(): Probe {
    const { events } = this.options
    const has = (...groups: EventGroup[]) => groups.some((group) => events.has(group))
    const follows = has('commit', 'mem') || this.window.needsInstructions
    const trap = follows || has('trap')
    return {
      loaded: (image) => {
        this.image ??= image
      },
      ...(follows && { instructions: (log) => this.retired(log) }),
      ...(trap && {
        trap: (entry) => this.event({ kind: 'trap', ...entry }),
        trapReturn: (back) => this.event({ kind: 'return', ...back }),
        standstill: ({ from, until, pc }) => this.standstill(from, until, pc),
      }),
      ...((has('mmio') || this.window.device !== undefined) && {
        device: (access) => {
          this.window.device?.(access)
          this.event({ kind: 'mmio', ...access })
        },
      }),
      ...(has('irq') && { interruptLine: (irq, level, at) => this.event({ kind: 'irq', at, irq, level }) }),
      ...(has('uart') && { transmit: (byte, at) => this.event({ kind: 'uart', at, byte }) }),
      ...(has('dma', 'compute', 'token', 'layer') && { accelerator: this.listener(has('token')) }),
    }
  }

  private listener(tokens: boolean): NonNullable<Probe['accelerator']> {
    return {
      queued: (command, at) => this.command('queued', command, at),
      started: (command, at) => {
        this.layer(command, at, true)
        this.command('started', command, at)
      },
      finished: (command, at) => {
        this.command('finished', command, at)
        this.layer(command, at, false)
      },
      ...(tokens && { token: (from, to, count, at) => this.event({ kind: 'token', at, from, to, count }) }),
      fence: (sequence, at) => this.event({ kind: 'fence', at, sequence }),
      error: ({ message }, at) => this.event({ kind: 'error', at, message }),
    }
  }

  private layer(command: IssuedCommand, at: number, begins: boolean): void {
    this.layers ??= new LayerWatch(this.image && debugInfo(this.image).network)
    const index = begins ? this.layers.starts(command.index) : this.layers.finishes(command.index)
    if (index !== undefined) this.event({ kind: 'layer', at, index, begins })
  }

  private command(kind: 'queued' | 'started' | 'finished', issued: IssuedCommand, at: number): void {
    let command = this.commands.get(issued)
    if (command === undefined) {
      command = traceCommand(issued)
      this.commands.set(issued, command)
    }
    this.event({ kind, at, command })
  }

  /** The hart stands still from one event of the platform to the next: what nothing comes between is one standstill. */
  private standstill(from: number, until: number, pc: number): void {
    if (this.idle?.until === from && this.idle.pc === pc) this.idle = { ...this.idle, until }
    else {
      this.endStandstill()
      this.idle = { kind: 'idle', at: from, until, pc }
    }
  }

  private endStandstill(): void {
    const { idle } = this
    this.idle = undefined
    if (idle !== undefined) this.event(idle)
  }

  private event(event: TraceEvent): void {
    if (!this.window.open(event.at) || !groupsOf(event).some((group) => this.options.events.has(group))) return
    this.endStandstill()
    this.events.append(event, this.instructions.count)
    this.reached(event.kind === 'idle' ? event.until : event.at)
  }

  /** Instructions retired: those in the window are kept. */
  private retired(log: InstructionLog): void {
    this.endStandstill()
    for (const [first, until] of this.window.entries(log)) {
      if (!this.options.events.has('commit')) this.accesses(log, first, until)
      else {
        if (this.instructions.count === 0 && this.events.count === 0) this.beginChunk(log.began[first]!)
        this.instructions.append(log, first, until)
        this.reached(log.began[until]!)
      }
    }
  }

  private accesses(log: InstructionLog, first: number, until: number): void {
    for (let e = first; e < until; e++) {
      const access = log.access[e]!
      const common = { kind: 'mem', at: log.began[e]!, pc: log.pc[e]!, address: log.address[e]! } as const
      const size = access & ACCESS_BYTES
      if ((access & ACCESS_LOAD) !== 0) this.event({ ...common, size, write: false, value: log.result[e]! >>> 0 })
      if ((access & ACCESS_STORE) !== 0) this.event({ ...common, size, write: true, value: log.stored[e]! })
    }
  }

  private reached(cycle: number): void {
    this.until = Math.max(this.until, cycle)
    const { instructions, events } = this
    if (instructions.count >= CHUNK_INSTRUCTIONS || instructions.bytes + events.bytes >= CHUNK_BYTES) this.endChunk()
  }

  private beginChunk(at: number): void {
    this.from = at
    this.until = at
    this.instructions.begin(at)
    this.events.begin(at)
  }

  private endChunk(): void {
    this.endStandstill()
    const { instructions, events, from, until } = this
    if (instructions.count === 0 && events.count === 0) return
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
    this.append(encodeRecord(HEADER, json(traceHeader(this.options.platform, this.options.events, this.image))))
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

function traceCommand({ name, spec, index, address, fields, regions }: IssuedCommand): TraceCommand {
  return {
    name,
    unit: spec.unit,
    index,
    address,
    fields,
    regions: regions.map(({ memory, access, start, bytes, repeat = [] }) => ({
      memory,
      write: access === 'write',
      start,
      bytes: repeat.reduce((product, { count }) => product * count, bytes),
    })),
  }
}
