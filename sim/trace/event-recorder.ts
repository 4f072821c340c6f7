import type { AcceleratorError, AcceleratorListener, IssuedCommand } from '../accel/listener.ts'
import { TOKEN_LIMIT } from '../accel/unit.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import type { MemoryRange, WatchedStore } from '../probe/probe.ts'
import { CommandBook, type KnownCommand } from './command-book.ts'
import { type CommandEventKind, type EventGroup, kindsOf, type TraceEvent, type TraceEventKind } from './events.ts'
import type { EventEncoder } from './format/event-codec.ts'
import { LayerWatch, NO_LAYER } from './layer-watch.ts'
import { alwaysOpen, type Window } from './window.ts'

/** Events that are noted before they are encoded. */
const CAPACITY = 256

/** Kinds of notes: first those of commands, in the order of `commandKinds`, last all that networks do not make many of. */
const commandKinds: readonly CommandEventKind[] = ['queued', 'started', 'finished']
const QUEUED = 0
const STARTED = 1
const FINISHED = 2
const TOKEN = 3
const FENCE = 4
const LAYER = 5
const OTHER = 6
/** A fence whose number is too large for a note. */
const LARGE_FENCE = 7
/** Added to the kind of what commands do outside of the window: it counts for layers, but is not recorded. */
const OUTSIDE = 8
/** A note has its kind in the low bits, and above what it is about. */
const ABOUT_SHIFT = 4
const KIND_MASK = (1 << ABOUT_SHIFT) - 1
const MOST_ABOUT = 2 ** (31 - ABOUT_SHIFT) - 1
/** Tokens are those between two units, shifted, plus their number. */
const PAIR_SHIFT = Math.ceil(Math.log2(TOKEN_LIMIT + 1))

type Idle = Extract<TraceEvent, { kind: 'idle' }>

/**
 * Hears events and has those encoded that were asked for: many at once. In the midst of a run they are but noted, because
 * whatever is done there finds neither its code nor its data in the processor's caches.
 */
export class EventRecorder implements AcceleratorListener {
  private readonly out: EventEncoder
  /** Instructions of the chunk before what is noted. */
  private instructions = 0
  private noted = 0
  /** Kind and what it is about, and the cycle, of what is noted. */
  private readonly notes = new Int32Array(CAPACITY)
  private readonly times = new Float64Array(CAPACITY)
  /** What notes of the kind OTHER are about. */
  private readonly others: TraceEvent[] = []
  /** Units between which tokens have passed. */
  private readonly pairs: { readonly from: string; readonly to: string }[] = []
  /** Numbers of fences that are too large for a note, and where they are in the list. */
  private readonly large: number[] = []
  private readonly largeAt = new Map<number, number>()
  /** Kinds of events that were asked for. */
  private readonly kinds: ReadonlySet<TraceEventKind>
  private readonly dma: boolean
  private readonly compute: boolean
  private readonly tokens: boolean
  private readonly fences: boolean
  private readonly layerEvents: boolean
  private readonly always: boolean
  private readonly window: Window
  private readonly makeRoom: (at: number) => void
  /** How long the hart has stood still, when it does. */
  private idle: Idle | undefined
  private layers = new LayerWatch(undefined)
  private readonly commands = new CommandBook(
    (command) => this.layers.positionOf(command),
    () => this.flush(),
  )

  /** @param makeRoom is called before the first event of a chunk, and when no more events may come into it */
  constructor(out: EventEncoder, groups: ReadonlySet<EventGroup>, window: Window, makeRoom: (at: number) => void) {
    this.out = out
    this.kinds = new Set(kindsOf(groups))
    this.window = window
    this.makeRoom = makeRoom
    this.always = window === alwaysOpen
    this.dma = groups.has('dma')
    this.compute = groups.has('compute')
    this.tokens = this.kinds.has('token')
    this.fences = this.kinds.has('fence')
    this.layerEvents = this.kinds.has('layer')
  }

  /** A program was loaded, with a network or without. @returns memory in which stores tell of layers: `stored` must hear of them */
  watches(network: NetworkMap | undefined): readonly MemoryRange[] {
    if (network !== undefined) this.layers = new LayerWatch(network)
    return network === undefined ? [] : this.layers.notes
  }

  queued(issued: IssuedCommand, at: number): void {
    this.note(this.windowed(QUEUED, at), this.commands.placeOf(issued), at)
  }

  started(issued: IssuedCommand, at: number): void {
    this.note(this.windowed(STARTED, at), this.commands.placeOf(issued), at)
  }

  finished(issued: IssuedCommand, at: number): void {
    this.note(this.windowed(FINISHED, at), this.commands.placeOf(issued), at)
  }

  token(from: string, to: string, count: number, at: number): void {
    if (this.tokens && this.isOpen(at)) this.note(TOKEN, (this.pairOf(from, to) << PAIR_SHIFT) + count, at)
  }

  fence(sequence: number, at: number): void {
    if (!this.fences || !this.isOpen(at)) return
    if (sequence > MOST_ABOUT) this.note(LARGE_FENCE, this.largeOf(sequence), at)
    else this.note(FENCE, sequence, at)
  }

  error({ message }: AcceleratorError, at: number): void {
    this.event({ kind: 'error', at, message })
  }

  reset(at: number): void {
    this.event({ kind: 'reset', at })
  }

  stored(store: WatchedStore): void {
    const edge = this.layers.noted(store)
    if (edge !== undefined && this.isOpen(store.at)) this.note(LAYER, layerNote(edge.index, edge.begins), store.at)
  }

  event(event: TraceEvent): void {
    if (this.kinds.has(event.kind) && this.isOpen(event.at)) this.other(event)
  }

  /** A load or store of an instruction in the window. */
  access(event: Extract<TraceEvent, { kind: 'mem' }>): void {
    if (this.kinds.has('mem')) this.other(event)
  }

  private other(event: TraceEvent): void {
    // First, because that may empty `others`.
    if (this.idle !== undefined) this.endStandstill()
    this.note(OTHER, this.others.push(event) - 1, event.at)
  }

  /** The hart stands still from one event of the platform to the next: what nothing comes between is one standstill. */
  standstill(from: number, until: number, pc: number): void {
    if (this.idle?.until === from && this.idle.pc === pc) this.idle = { ...this.idle, until }
    else {
      this.endStandstill()
      this.idle = { kind: 'idle', at: from, until, pc }
    }
  }

  /** Encodes all that was heard. */
  finish(): void {
    this.endStandstill()
    this.flush()
  }

  /** So many instructions of the chunk come before the next event. */
  setInstructions(count: number): void {
    this.flush()
    this.instructions = count
  }

  private flush(): void {
    const { noted, notes, times } = this
    this.noted = 0
    for (let i = 0; i < noted; i++) this.encode(notes[i]! & KIND_MASK, notes[i]! >> ABOUT_SHIFT, times[i]!)
    if (noted > 0) this.others.length = 0
  }

  private endStandstill(): void {
    const { idle } = this
    this.idle = undefined
    if (idle !== undefined) this.event(idle)
  }

  private encode(kind: number, about: number, at: number): void {
    if (this.out.count === 0 || this.out.isFullAt(at)) this.makeRoom(at)
    const { out, instructions } = this
    const key = (about << ABOUT_SHIFT) + kind
    if (kind < TOKEN || kind >= OUTSIDE) this.encodeCommand(kind, this.commands.at(about), at)
    else if (kind === OTHER) out.append(this.others[about]!, instructions)
    else if (out.isExpected(key, at, instructions)) return
    else if (kind === TOKEN) {
      const { from, to } = this.pairs[about >> PAIR_SHIFT]!
      out.token(from, to, about & TOKEN_LIMIT, at, instructions, key)
    } else if (kind === LARGE_FENCE) out.append({ kind: 'fence', at, sequence: this.large[about]! }, instructions, key)
    else if (kind === FENCE) out.append({ kind: 'fence', at, sequence: about }, instructions, key)
    else out.append({ kind: 'layer', at, index: about >> 1, begins: about % 2 === 1 }, instructions, key)
  }

  private encodeCommand(noted: number, { command, number, dma, layer }: KnownCommand, at: number): void {
    const kind = noted % OUTSIDE
    const inside = noted < OUTSIDE
    if (kind === QUEUED && command.index === 0) this.layers.streamBegins()
    const begins = kind === STARTED && layer !== NO_LAYER ? this.layers.starts(layer) : NO_LAYER
    if (begins !== NO_LAYER && inside && this.layerEvents) this.encode(LAYER, layerNote(begins, true), at)
    if (inside && (dma ? this.dma : this.compute)) {
      const { out, instructions } = this
      const key = number * (1 << ABOUT_SHIFT) + kind
      if (!out.isExpected(key, at, instructions)) out.command(commandKinds[kind]!, command, at, instructions, key)
    }
    const ends = kind === FINISHED && layer !== NO_LAYER ? this.layers.finishes(layer) : NO_LAYER
    if (ends !== NO_LAYER && inside && this.layerEvents) this.encode(LAYER, layerNote(ends, false), at)
  }

  private note(kind: number, about: number, at: number): void {
    if (this.idle !== undefined) this.endStandstill()
    const { noted } = this
    this.notes[noted] = (about << ABOUT_SHIFT) + kind
    this.times[noted] = at
    this.noted = noted + 1
    if (this.noted === CAPACITY) this.flush()
  }

  private windowed(kind: number, at: number): number {
    return this.isOpen(at) ? kind : kind + OUTSIDE
  }

  private isOpen(at: number): boolean {
    return this.always || this.window.open(at)
  }

  private largeOf(sequence: number): number {
    const known = this.largeAt.get(sequence) ?? this.large.push(sequence) - 1
    this.largeAt.set(sequence, known)
    return known
  }

  /** Accelerators have few units: looking at each pair is quicker than looking up names. */
  private pairOf(from: string, to: string): number {
    const { pairs } = this
    for (let i = 0; i < pairs.length; i++) if (pairs[i]!.from === from && pairs[i]!.to === to) return i
    return pairs.push({ from, to }) - 1
  }
}

const layerNote = (index: number, begins: boolean): number => 2 * index + Number(begins)
