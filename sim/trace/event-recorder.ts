import type { AcceleratorError, AcceleratorListener, IssuedCommand } from '../accel/listener.ts'
import { TOKEN_LIMIT } from '../accel/unit.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import type { MemoryRange, WatchedStore } from '../probe/probe.ts'
import { CommandBook, type KnownCommand } from './command-book.ts'
import { type CommandEventKind, type EventGroup, kindsOf, type TraceEvent, type TraceEventKind } from './events.ts'
import type { EventEncoder } from './format/event-codec.ts'
import { LayerWatch, NO_LAYER } from './layer-watch.ts'
import { alwaysOpen, type Window } from './window.ts'

/** Kinds of the events that are predicted; those of commands first, in the order of `commandKinds`. */
const commandKinds: readonly CommandEventKind[] = ['queued', 'started', 'finished']
const QUEUED = 0
const STARTED = 1
const FINISHED = 2
const TOKEN = 3
const FENCE = 4
const LAYER = 5
/** What an event is about is so many times higher in its key than its kind. */
const ABOUT = 8
/** Tokens are those between two units, times this, plus their number. */
const TOKENS = TOKEN_LIMIT + 1

type Idle = Extract<TraceEvent, { kind: 'idle' }>

/** Hears events and has those encoded that were asked for. */
export class EventRecorder implements AcceleratorListener {
  /** Instructions of the chunk so far. */
  instructions = 0
  private readonly out: EventEncoder
  private readonly pairs: { readonly from: string; readonly to: string }[] = []
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
  private readonly commands = new CommandBook((command) => this.layers.positionOf(command))

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
    if (issued.index === 0) this.layers.streamBegins()
    this.command(QUEUED, this.commands.of(issued), at)
  }

  started(issued: IssuedCommand, at: number): void {
    const known = this.commands.of(issued)
    if (known.layer !== NO_LAYER) this.layer(this.layers.starts(known.layer), true, at)
    this.command(STARTED, known, at)
  }

  finished(issued: IssuedCommand, at: number): void {
    const known = this.commands.of(issued)
    this.command(FINISHED, known, at)
    if (known.layer !== NO_LAYER) this.layer(this.layers.finishes(known.layer), false, at)
  }

  stored({ address, value, at }: WatchedStore): void {
    const edge = this.layers.noted(address, value)
    if (edge !== undefined) this.layer(edge.index, edge.begins, at)
  }

  token(from: string, to: string, count: number, at: number): void {
    if (!this.tokens || !this.isOpen(at)) return
    const key = (this.pairOf(from, to) * TOKENS + count) * ABOUT + TOKEN
    if (!this.isExpected(key, at)) this.out.token(from, to, count, at, this.instructions, key)
  }

  fence(sequence: number, at: number): void {
    if (!this.fences || !this.isOpen(at)) return
    const key = sequence * ABOUT + FENCE
    if (!this.isExpected(key, at)) this.out.append({ kind: 'fence', at, sequence }, this.instructions, key)
  }

  error({ message }: AcceleratorError, at: number): void {
    this.event({ kind: 'error', at, message })
  }

  event(event: TraceEvent): void {
    if (!this.kinds.has(event.kind) || !this.isOpen(event.at)) return
    this.prepare(event.at)
    this.out.append(event, this.instructions)
  }

  /** The hart stands still from one event of the platform to the next: what nothing comes between is one standstill. */
  standstill(from: number, until: number, pc: number): void {
    if (this.idle?.until === from && this.idle.pc === pc) this.idle = { ...this.idle, until }
    else {
      this.endStandstill()
      this.idle = { kind: 'idle', at: from, until, pc }
    }
  }

  endStandstill(): void {
    const { idle } = this
    this.idle = undefined
    if (idle !== undefined) this.event(idle)
  }

  private command(kind: number, { command, number, dma }: KnownCommand, at: number): void {
    if (!(dma ? this.dma : this.compute) || !this.isOpen(at)) return
    const key = number * ABOUT + kind
    if (!this.isExpected(key, at)) this.out.command(commandKinds[kind]!, command, at, this.instructions, key)
  }

  private layer(index: number, begins: boolean, at: number): void {
    if (index === NO_LAYER || !this.layerEvents || !this.isOpen(at)) return
    const key = (2 * index + Number(begins)) * ABOUT + LAYER
    if (!this.isExpected(key, at)) this.out.append({ kind: 'layer', at, index, begins }, this.instructions, key)
  }

  private isExpected(key: number, at: number): boolean {
    this.prepare(at)
    return this.out.isExpected(key, at, this.instructions)
  }

  private prepare(at: number): void {
    if (this.idle !== undefined) this.endStandstill()
    if (this.out.count === 0 || this.out.isFull) this.makeRoom(at)
  }

  private isOpen(at: number): boolean {
    return this.always || this.window.open(at)
  }

  /** Accelerators have few units: looking at each pair is quicker than looking up names. */
  private pairOf(from: string, to: string): number {
    const { pairs } = this
    for (let i = 0; i < pairs.length; i++) if (pairs[i]!.from === from && pairs[i]!.to === to) return i
    return pairs.push({ from, to }) - 1
  }
}
