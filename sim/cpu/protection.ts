/**
 * What the hart may touch at this moment, in forms that engines can use: exact answers for the stepper, and rights by
 * line of memory for the interpreter. Where everything in memory is permitted, engines need not ask at all.
 */
import type { Bus } from '../bus/bus.ts'
import { LINE_BYTES, Memory } from '../bus/memory.ts'
import {
  defaultRights,
  MACHINE,
  PMP_ALL,
  PMP_EXECUTE,
  type Pmp,
  type PmpRange,
  type Privilege,
  rightsOf,
  USER,
} from './pmp.ts'
import type { Triggers } from './triggers.ts'

/** Rights of one mode, derived from the entries of a version of the PMP. */
interface View {
  version: number
  /** Whether everything is permitted in every memory. */
  open: boolean
  /** Rights for each line of the main memory, once somebody asked; none where only an exact check can tell. */
  lines: Uint8Array | undefined
  linesVersion: number
}

/** Addresses `from` up to, not including, `end`. */
interface WatchedRange {
  readonly accesses: number
  readonly from: number
  readonly end: number
}

export class Protection {
  /** Whether loads, stores or fetches have to ask for rights. */
  guarded = false
  private readonly pmp: Pmp
  private readonly triggers: Triggers
  private readonly bus: Bus
  private readonly memory: Memory
  private fetchMode: Privilege = MACHINE
  private dataMode: Privilege = MACHINE
  private readonly views: Readonly<Record<Privilege, View>> = {
    [USER]: { version: -1, open: false, lines: undefined, linesVersion: -1 },
    [MACHINE]: { version: -1, open: true, lines: undefined, linesVersion: -1 },
  }

  /** Rights of lines without those that triggers look at, by what they were made from. */
  private readonly masked = new Map<
    Uint8Array,
    { readonly armed: Triggers['armed']; readonly version: number; readonly lines: Uint8Array }
  >()

  /** What is left to the stepper all the time. */
  private readonly watched: readonly WatchedRange[]

  constructor(
    pmp: Pmp,
    triggers: Triggers,
    bus: Bus,
    memory: Memory,
    watched: readonly Omit<WatchedRange, 'accesses'>[],
  ) {
    this.watched = watched.map((range) => ({ ...range, accesses: PMP_ALL }))
    this.pmp = pmp
    this.triggers = triggers
    this.bus = bus
    this.memory = memory
  }

  /** To be called whenever a mode or an entry changes. */
  update(fetchMode: Privilege, dataMode: Privilege): void {
    this.fetchMode = fetchMode
    this.dataMode = dataMode
    this.guarded = !this.view(fetchMode).open || !this.view(dataMode).open
  }

  /** Whether an access of a load or store is permitted. */
  allows(right: number, address: number, bytes: number): boolean {
    if (this.dataMode === MACHINE && this.pmp.ranges.length === 0) return true
    return this.pmp.allows(this.dataMode, right, address, bytes)
  }

  /** Whether the half-word of an instruction at `address` may be fetched. */
  allowsFetch(address: number): boolean {
    return !this.guarded || this.pmp.allows(this.fetchMode, PMP_EXECUTE, address, 2)
  }

  /** Rights of loads and stores for each line of the main memory; none where a trigger may fire. */
  get dataLines(): Uint8Array {
    return this.outsideTriggers(this.linesOf(this.dataMode))
  }

  /** The same of fetches. Where a line may be executed, an instruction that begins in it may, although it reaches beyond. */
  get fetchLines(): Uint8Array {
    return this.outsideTriggers(this.linesOf(this.fetchMode))
  }

  /** What triggers and others look at is left to the stepper: its lines lose the rights. */
  private outsideTriggers(lines: Uint8Array): Uint8Array {
    const { armed } = this.triggers
    if (armed.length === 0 && this.watched.length === 0) return lines
    const known = this.masked.get(lines)
    if (known?.armed === armed && known.version === this.pmp.version) return known.lines
    const masked = lines.slice()
    for (const { accesses, from, end } of [...armed, ...this.watched]) {
      const first = clamp(Math.floor((from - this.memory.base) / LINE_BYTES), lines.length)
      const last = clamp(Math.ceil((end - this.memory.base) / LINE_BYTES), lines.length)
      for (let line = first; line < last; line++) masked[line]! &= ~accesses
    }
    this.masked.set(lines, { armed, version: this.pmp.version, lines: masked })
    return masked
  }

  private view(mode: Privilege): View {
    const view = this.views[mode]
    const { version } = this.pmp
    if (view.version === version) return view
    return Object.assign(view, { version, open: this.isOpen(mode) })
  }

  private isOpen(mode: Privilege): boolean {
    if (mode === MACHINE && !this.pmp.locks) return true
    return this.bus.regions.every(
      ({ base, size, device }) => !(device instanceof Memory) || this.pmp.rights(mode, base, size) === PMP_ALL,
    )
  }

  private linesOf(mode: Privilege): Uint8Array {
    const view = this.view(mode)
    view.lines ??= new Uint8Array(this.memory.size / LINE_BYTES)
    if (view.linesVersion !== view.version) fillRights(view.lines, this.pmp.ranges, mode, this.memory.base)
    view.linesVersion = view.version
    return view.lines
  }
}

/** Sets the rights for each line of the memory at `base`; the entries that decide are written last. */
function fillRights(lines: Uint8Array, ranges: readonly PmpRange[], mode: Privilege, base: number): void {
  lines.fill(defaultRights(mode))
  const edges = [lines.length]
  for (const range of ranges.toReversed()) {
    const from = clamp((range.from - base) / LINE_BYTES, lines.length)
    const end = clamp((range.end - base) / LINE_BYTES, lines.length)
    lines.fill(0, Math.floor(from), Math.ceil(end))
    lines.fill(rightsOf(range, mode), Math.ceil(from), Math.max(Math.ceil(from), Math.floor(end)))
    edges.push(Math.floor(from), Math.floor(end))
  }
  for (const edge of edges) {
    const following = lines[edge] ?? 0
    if (edge > 0 && (following & PMP_EXECUTE) === 0) lines[edge - 1]! &= ~PMP_EXECUTE
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}
