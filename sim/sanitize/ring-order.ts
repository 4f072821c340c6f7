/**
 * What is ordered before what at a block that takes commands from a ring, by vector clocks. Only what the hardware
 * guarantees orders, never when something happened to happen:
 *
 * - a unit carries out its commands one after the other; the n-th token that a command takes from a unit is the n-th that
 *   this unit gave (tokens are counted per pair of units);
 * - a command comes after the doorbell that was the first to cover it, and sees what the hart stored before the last
 *   `fence` in front of that doorbell;
 * - a fence command comes after every command before it;
 * - the hart comes after what a register told it: FENCE, IRQ_STATUS, STATUS, RING_HEAD, a claim of the interrupt. Its loads
 *   only after a `fence` behind that read.
 */

import type { CommandPlace, IssuedCommand } from '../accel/listener.ts'
import { unitsOf } from '../accel/unit.ts'
import { FENCE, FETCH, FIRST_UNIT, HART_LOAD, HART_STORE } from './access-records.ts'

/** An instruction of the hart at work. */
export interface HartSite {
  readonly pc: number
  /** Where the function that it is in returns to, as far as known. */
  readonly caller: number
  readonly at: number
}

/** A write of RING_TAIL. */
export interface Doorbell extends HartSite {
  /** What commands that it submits are ordered after. */
  clock: Int32Array
  /** The hart's clock at the doorbell itself: later stores and loads have a higher one. */
  readonly rung: number
}

/** A command in the stream, for messages; kept for ever. */
export interface CommandInfo {
  readonly number: number
  readonly name: string
  readonly index: number
  /** Of its slot. */
  readonly address: number
  readonly unit: string
  /** Units that it takes tokens from and gives tokens to, a bit each. */
  readonly waits: number
  readonly signals: number
  readonly doorbell: Doorbell
  /** Which stream it belongs to: how often RING_BASE was written before. */
  readonly stream: number
  readonly at: number
}

/** A command that has not finished yet, or was the last one of its unit. */
export interface TrackedCommand {
  readonly info: CommandInfo
  readonly command: IssuedCommand
  readonly actor: number
  /** Position among the commands of its actor. */
  readonly position: number
  /** What it is ordered after, itself included. */
  readonly clock: Int32Array
  /** Fences: the last command that each unit had accepted before it. */
  readonly after: readonly (TrackedCommand | undefined)[]
  /** Has its tokens. */
  running: boolean
}

const ALWAYS = 0x7fff_ffff
const nobody: HartSite = { pc: 0, caller: 0, at: 0 }

function join(into: Int32Array, from: Int32Array): void {
  for (let i = 0; i < into.length; i++) if (from[i]! > into[i]!) into[i] = from[i]!
}

export class RingOrder {
  /** Everything ever queued, by number. */
  readonly commands: CommandInfo[] = []
  /** What the hart's loads are ordered after. */
  readonly known: Int32Array
  /** What a register has told the hart; its loads are ordered after that once a fence has come. */
  readonly told: Int32Array
  /** The hart's own clock. */
  now = 1
  enabled = false
  /** The last doorbell's tail and the number of fetched commands, both since the stream was opened. */
  tail = 0
  head = 0
  /** Address of slot 0. */
  base = 0
  private stream = 0
  /** Tokens that were given and not taken, by giver and taker, with what the taker is ordered after. */
  readonly tokens = new Map<number, { readonly giver: CommandInfo; readonly clock: Int32Array }[]>()
  /** Commands that wait for their unit or work, in the order in which they were queued. */
  readonly active = new Map<IssuedCommand, TrackedCommand>()
  private readonly units: readonly string[]
  private readonly positions: Int32Array
  private readonly lastAccepted: (TrackedCommand | undefined)[]
  private readonly lastFinished: (TrackedCommand | undefined)[]
  private readonly fenceClock: Int32Array
  private readonly interruptClock: Int32Array
  private doorbells: { readonly tail: number; readonly doorbell: Doorbell }[] = []
  private readonly fetchPositions = new Map<number, number>()
  /** The hart's clock at its last fence that orders stores before device writes. */
  private published = 0

  constructor(units: readonly string[]) {
    this.units = units
    const size = FIRST_UNIT + units.length
    const clock = () => new Int32Array(size)
    this.known = clock()
    this.told = clock()
    for (const hart of [HART_STORE, HART_LOAD]) this.known[hart] = ALWAYS
    this.positions = clock()
    this.fenceClock = clock()
    this.interruptClock = clock()
    this.lastAccepted = units.map(() => undefined)
    this.lastFinished = units.map(() => undefined)
  }

  /** The hart's fence instruction, from its encoding (unprivileged ISA, section 2.7): bits input, output, read, write. */
  fence(raw: number): void {
    const before = (raw >>> 24) & 15
    const behind = (raw >>> 20) & 15
    if ((before & 1) !== 0 && (behind & 4) !== 0) this.published = this.now++
    if ((before & 8) !== 0 && (behind & 2) !== 0) join(this.known, this.told)
  }

  /** The hart writes RING_TAIL. */
  submit(tail: number, site: HartSite): void {
    this.tail = tail
    this.doorbells.push({ tail, doorbell: this.doorbell(site) })
  }

  /** The hart writes the enable bit: what was submitted before is ordered after this too. */
  enable(on: boolean): void {
    if (on && !this.enabled) for (const { doorbell } of this.doorbells) doorbell.clock = this.release()
    this.enabled = on
  }

  /** The hart writes RING_BASE while the block is idle: indices begin at zero again. */
  open(base: number): void {
    this.base = base
    this.stream++
    this.tail = 0
    this.head = 0
    this.doorbells = []
    this.fetchPositions.clear()
  }

  /** The hart resets the block: nothing of before goes on. */
  reset(): void {
    this.open(0)
    this.enabled = false
    this.active.clear()
    this.tokens.clear()
    this.lastAccepted.fill(undefined)
    this.lastFinished.fill(undefined)
    for (let actor = FETCH; actor < this.positions.length; actor++) {
      this.known[actor] = this.positions[actor]!
      this.told[actor] = this.positions[actor]!
    }
  }

  /** The front end has read a command. Gives what this read is ordered after, and its position. */
  fetched({ index }: CommandPlace): { doorbell: Doorbell; position: number } {
    while (this.doorbells.length > 1 && ((this.doorbells[0]!.tail - index) | 0) <= 0) this.doorbells.shift()
    const position = this.positions[FETCH]! + 1
    this.positions[FETCH] = position
    this.fetchPositions.set(index, position)
    this.head = (index + 1) >>> 0
    return { doorbell: this.doorbells[0]?.doorbell ?? this.doorbell(nobody), position }
  }

  queued(command: IssuedCommand, at: number): TrackedCommand {
    const doorbell = this.doorbellOf(command.index)
    const unit = this.units.indexOf(command.spec.unit)
    const actor = unit < 0 ? FENCE : FIRST_UNIT + unit
    const { name, index, address } = command
    const info = {
      number: this.commands.length,
      name,
      index,
      address,
      unit: command.spec.unit,
      waits: command.fields.wait ?? 0,
      signals: command.fields.signal ?? 0,
      doorbell,
      stream: this.stream,
      at,
    }
    this.commands.push(info)
    const position = this.positions[actor]! + 1
    this.positions[actor] = position
    const clock = Int32Array.from(doorbell.clock)
    clock[actor] = position
    clock[FETCH] = Math.max(clock[FETCH]!, this.fetchPositions.get(index) ?? 0)
    this.fetchPositions.delete(index)
    const after = unit < 0 ? [...this.lastAccepted] : []
    const tracked = { info, command, actor, position, clock, after, running: false }
    if (unit >= 0) this.lastAccepted[unit] = tracked
    this.active.set(command, tracked)
    return tracked
  }

  /** A unit takes the command's tokens and begins. */
  started(command: IssuedCommand): void {
    const tracked = this.active.get(command)
    if (tracked === undefined) return
    tracked.running = true
    const unit = tracked.actor - FIRST_UNIT
    const before = this.lastFinished[unit]
    if (before !== undefined) join(tracked.clock, before.clock)
    for (const from of unitsOf(command.fields.wait!)) {
      const token = this.tokensOf(from, unit).shift()
      if (token !== undefined) join(tracked.clock, token.clock)
    }
  }

  /** Its effect is visible; gives its tokens. Gives the command, which is known to be ordered after `clock` from now on. */
  finished(command: IssuedCommand): TrackedCommand | undefined {
    const tracked = this.active.get(command)
    if (tracked === undefined) return undefined
    this.active.delete(command)
    const { clock, actor, info } = tracked
    if (actor === FENCE) this.finishFence(tracked)
    else {
      const unit = actor - FIRST_UNIT
      this.lastFinished[unit] = tracked
      for (const to of unitsOf(command.fields.signal!)) this.tokensOf(unit, to).push({ giver: info, clock })
    }
    return tracked
  }

  /** Whether a unit executes the command: fences are the front end's. */
  isUnit({ actor }: TrackedCommand): boolean {
    return actor >= FIRST_UNIT
  }

  /** Whether a unit is among those that have a bit each. */
  isAmong(unit: string, bits: number): boolean {
    return ((bits >>> this.units.indexOf(unit)) & 1) !== 0
  }

  /** The hart has read that the last fence is complete. */
  readFence(): void {
    join(this.told, this.fenceClock)
  }

  /** The hart has seen the interrupt of a fence. */
  seeInterrupt(): void {
    join(this.told, this.interruptClock)
  }

  /** The hart has read how many commands were fetched. */
  readHead(): void {
    this.told[FETCH] = this.positions[FETCH]!
  }

  /** The hart has read that a unit has nothing to do. */
  readIdle(unit: number): void {
    const last = this.lastFinished[unit]
    if (last !== undefined) join(this.told, last.clock)
  }

  /** The hart has read that the whole block has nothing to do. */
  readAllIdle(): void {
    this.readFence()
    this.readHead()
    for (const unit of this.units.keys()) this.readIdle(unit)
  }

  /** Whether a register has told the hart that the command of a record is done. */
  hartWasTold(actor: number, position: number): boolean {
    return this.told[actor]! >= position
  }

  /** The newest command that the hart cannot know to be done. */
  unfinishedForHart(): CommandInfo | undefined {
    const newest = (actor: number) => {
      const done = Math.max(this.known[actor]!, this.told[actor]!) >= this.positions[actor]!
      return done ? undefined : actor === FENCE ? this.lastFence : this.lastAccepted[actor - FIRST_UNIT]?.info
    }
    const found = [FENCE, ...this.units.map((_, unit) => FIRST_UNIT + unit)].flatMap((actor) => newest(actor) ?? [])
    return found.sort((a, b) => b.number - a.number)[0]
  }

  private lastFence: CommandInfo | undefined
  private lastFenceInterrupts = false

  /** The last fence, when all is done and the hart has not been told. */
  unheardFence(): { readonly info: CommandInfo; readonly interrupts: boolean } | undefined {
    const { lastFence, lastFenceInterrupts } = this
    if (lastFence === undefined || this.active.size > 0 || this.told[FENCE]! >= this.positions[FENCE]!) return undefined
    return { info: lastFence, interrupts: lastFenceInterrupts }
  }

  private finishFence({ clock, after, command, info }: TrackedCommand): void {
    for (const last of after) if (last !== undefined) join(clock, last.clock)
    this.lastFence = info
    this.lastFenceInterrupts = command.fields.interrupt !== 0
    join(this.fenceClock, clock)
    if (command.fields.interrupt !== 0) join(this.interruptClock, this.fenceClock)
  }

  private doorbell(site: HartSite): Doorbell {
    return { ...site, clock: this.release(), rung: this.now++ }
  }

  /** What is ordered before a device write of the hart now. */
  private release(): Int32Array {
    const clock = Int32Array.from(this.known)
    join(clock, this.told)
    clock[HART_STORE] = this.published
    clock[HART_LOAD] = this.now
    return clock
  }

  private doorbellOf(index: number): Doorbell {
    const found = this.doorbells.find(({ tail }) => ((tail - index) | 0) > 0) ?? this.doorbells.at(-1)
    return found?.doorbell ?? this.doorbell(nobody)
  }

  /** Tokens that unit `from` has given unit `to`. */
  tokensOf(from: number, to: number) {
    const key = from * this.units.length + to
    const known = this.tokens.get(key)
    if (known !== undefined) return known
    const queue: { giver: CommandInfo; clock: Int32Array }[] = []
    this.tokens.set(key, queue)
    return queue
  }
}
