import type { AcceleratorError, AcceleratorListener, CommandPlace, IssuedCommand } from '../accel/listener.ts'
import type { NetworkMap } from '../debug-info/network-map.ts'
import { CommandBook, type KnownCommand } from './command-book.ts'
import { type CommandEventKind, type EventGroup, groupsOfKind, type TraceEvent } from './events.ts'
import type { EventEncoder } from './format/event-codec.ts'
import { LayerWatch } from './layer-watch.ts'
import { alwaysOpen, type Window } from './window.ts'

const CAPACITY = 1024

/** What is noted of an event: numbers in `notes`, and in `whats` a command, an event, or two units. */
const NOTE = 4
const KIND = 0
const AT = 1
/** Instructions of the chunk that come before it. */
const BEFORE = 2
/** Tokens on the way. */
const COUNT = 3
const WHAT = 2
/** Kinds of notes: those of commands, and two more. */
const commandKinds: readonly CommandEventKind[] = ['queued', 'started', 'finished']
const QUEUED = 0
const STARTED = 1
const FINISHED = 2
const TOKEN = 3
const OTHER = 4
/** Added to the kind of what happens outside of the window: it counts for layers, but is not recorded. */
const OUTSIDE = 8

type Idle = Extract<TraceEvent, { kind: 'idle' }>

/**
 * Hears events and encodes them, many at once: in the midst of a run they are but noted, in few words, because what is done
 * there finds its code and data in no cache.
 */
export class EventRecorder implements AcceleratorListener {
  /** Instructions of the chunk so far. */
  instructions = 0
  /** Events that are not encoded yet. */
  count = 0
  private readonly notes = new Float64Array(CAPACITY * NOTE)
  private readonly whats = new Array<unknown>(CAPACITY * WHAT).fill(undefined)
  private readonly tokens: boolean
  private readonly dma: boolean
  private readonly compute: boolean
  private readonly always: boolean
  private readonly window: Window
  private readonly groups: ReadonlySet<EventGroup>
  private readonly full: () => void
  /** How long the hart has stood still, when it does. */
  private idle: Idle | undefined
  private layers = new LayerWatch(undefined)
  private readonly commands = new CommandBook()

  /** @param full is called when `encode` must be, before the next event */
  constructor(groups: ReadonlySet<EventGroup>, window: Window, full: () => void) {
    this.groups = groups
    this.window = window
    this.full = full
    this.always = window === alwaysOpen
    this.tokens = groups.has('token')
    this.dma = groups.has('dma')
    this.compute = groups.has('compute')
  }

  /** A program was loaded that holds a network. */
  loaded(network: NetworkMap): void {
    this.layers = new LayerWatch(network)
  }

  fetched(place: CommandPlace, _at: number, bytes: Uint8Array): void {
    this.commands.fetched(place, bytes)
  }

  queued(command: IssuedCommand, at: number): void {
    const known = this.commands.queued(command)
    if (this.always || this.window.open(at)) this.note(QUEUED, at, known)
  }

  started(command: IssuedCommand, at: number): void {
    const known = this.commands.started(command)
    this.note(this.always || this.window.open(at) ? STARTED : STARTED + OUTSIDE, at, known)
  }

  finished(command: IssuedCommand, at: number): void {
    const known = this.commands.finished(command)
    this.note(this.always || this.window.open(at) ? FINISHED : FINISHED + OUTSIDE, at, known)
  }

  token(from: string, to: string, count: number, at: number): void {
    if (this.tokens && (this.always || this.window.open(at))) this.note(TOKEN, at, from, to, count)
  }

  fence(sequence: number, at: number): void {
    this.event({ kind: 'fence', at, sequence })
  }

  error({ message }: AcceleratorError, at: number): void {
    this.event({ kind: 'error', at, message })
  }

  event(event: TraceEvent): void {
    if (!groupsOfKind[event.kind].some((group) => this.groups.has(group)) || !this.window.open(event.at)) return
    this.note(OTHER, event.at, event)
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

  /** Encodes what was noted. @returns the last cycle that it tells of */
  encode(into: EventEncoder): number {
    const { count, notes, whats } = this
    let until = 0
    this.count = 0
    for (let i = 0; i < count; i++) {
      const note = i * NOTE
      const at = notes[note + AT]!
      const before = notes[note + BEFORE]!
      const kind = notes[note + KIND]!
      const what = whats[i * WHAT]
      until = Math.max(until, kind === OTHER && (what as TraceEvent).kind === 'idle' ? (what as Idle).until : at)
      if (kind === OTHER) into.append(what as TraceEvent, before)
      else if (kind === TOKEN)
        into.token(what as string, whats[i * WHAT + 1] as string, notes[note + COUNT]!, at, before)
      else this.command(into, kind, what as KnownCommand, at, before)
    }
    return until
  }

  private command(into: EventEncoder, noted: number, known: KnownCommand, at: number, before: number): void {
    const { command, dma } = known
    const inside = noted < OUTSIDE
    const kind = noted & ~OUTSIDE
    const begins = kind === STARTED ? this.layers.starts(command.index) : undefined
    if (inside && begins !== undefined) this.layer(into, begins, true, at, before)
    if (inside && (dma ? this.dma : this.compute)) into.command(commandKinds[kind]!, command, at, before)
    const ends = kind === FINISHED ? this.layers.finishes(command.index) : undefined
    if (inside && ends !== undefined) this.layer(into, ends, false, at, before)
  }

  private layer(into: EventEncoder, index: number, begins: boolean, at: number, before: number): void {
    if (this.groups.has('layer')) into.append({ kind: 'layer', at, index, begins }, before)
  }

  private note(kind: number, at: number, what: unknown, to?: string, tokens = 0): void {
    if (this.idle !== undefined) this.endStandstill()
    const { count, notes, whats } = this
    const note = count * NOTE
    notes[note + KIND] = kind
    notes[note + AT] = at
    notes[note + BEFORE] = this.instructions
    notes[note + COUNT] = tokens
    whats[count * WHAT] = what
    whats[count * WHAT + 1] = to
    this.count = count + 1
    if (this.count === CAPACITY) this.full()
  }
}
