import type { SourcePlace } from '../debug-info/dwarf-line.ts'
import { type Cause, type CauseCycles, causes } from './cause.ts'
import type { PlaceCost } from './code-costs.ts'
import type { CycleProfiler } from './cycle-profiler.ts'
import type { RegisterAccesses } from './device-accesses.ts'
import type { RegionTraffic } from './memory-regions.ts'

/** What something cost the hart; `causes` add up to `cycles`. */
interface Cost {
  readonly instructions: number
  readonly cycles: number
  readonly causes: CauseCycles
}

/** A function by itself, and with everything that it called. */
interface FunctionProfile extends Cost {
  readonly name: string
  /** Where it begins, as far as debug data tells. */
  readonly place?: SourcePlace
  readonly calls: number
  /** With all that it called, each cycle counted once however deep it recurs. */
  readonly totalCycles: number
  readonly totalInstructions: number
}

interface LineProfile extends Cost, SourcePlace {
  readonly function: string
}

/** Calls of one function by another, and what was done in them. */
interface CallProfile {
  /** Undefined: a root, such as the entry of the program or a trap handler. */
  readonly caller?: string
  readonly callee: string
  readonly calls: number
  readonly totalCycles: number
}

/** Where the cycles of a run went. Functions add up to the whole; so do causes, in the whole and in each function. */
export interface RunProfile extends Cost {
  readonly functions: readonly FunctionProfile[]
  /** By source line; code without line data is left out. */
  readonly lines: readonly LineProfile[]
  readonly calls: readonly CallProfile[]
  readonly memory: readonly RegionTraffic[]
  readonly devices: readonly RegisterAccesses[]
}

/** Costs that are still being added up. */
class Sum implements Cost {
  instructions = 0
  cycles = 0
  readonly causes = Object.fromEntries(causes.map(({ name }) => [name, 0])) as Record<Cause, number>

  add(cause: Cause, cycles: number): void {
    this.causes[cause] += cycles
    this.cycles += cycles
  }

  addPlace({ executed, more, contention, split }: PlaceCost): void {
    this.instructions += executed
    this.add('execute', executed * split.execute)
    this.add('hazard', executed * split.hazard)
    this.add('branch', executed * split.branch)
    this.add(split.cause, executed * (split.cycles - split.execute - split.hazard - split.branch) + more - contention)
    this.add('contention', contention)
  }
}

export interface SourceLookup {
  lineAt(pc: number): SourcePlace | undefined
  /** Where the function begins that holds an address. */
  entryOf(pc: number): number | undefined
}

/** Sums of the whole, of functions by number, and of lines. */
class Sums {
  readonly whole = new Sum()
  readonly functions = new Map<number, { readonly sum: Sum; firstPc: number }>()
  readonly lines = new Map<string, { readonly sum: Sum; readonly place: SourcePlace; readonly function: string }>()
  private readonly profiler: CycleProfiler
  private readonly source: SourceLookup | undefined

  constructor(profiler: CycleProfiler, source: SourceLookup | undefined) {
    this.profiler = profiler
    this.source = source
  }

  /** All that what happens at an address counts for. */
  at(pc: number): Sum[] {
    const { functions, lines, whole } = this
    const number = this.profiler.functions.at(pc)
    const own = functions.get(number) ?? { sum: new Sum(), firstPc: pc }
    functions.set(number, own)
    own.firstPc = Math.min(own.firstPc, pc)
    const place = this.source?.lineAt(pc)
    if (place === undefined) return [whole, own.sum]
    const key = `${place.file}:${place.line} ${number}`
    const line = lines.get(key) ?? { sum: new Sum(), place, function: this.profiler.functions.names[number]! }
    lines.set(key, line)
    return [whole, own.sum, line.sum]
  }
}

/** The profile of what the profiler has followed. */
export function runProfile(profiler: CycleProfiler, source: SourceLookup | undefined): RunProfile {
  const sums = new Sums(profiler, source)
  for (const place of profiler.costs.all()) for (const sum of sums.at(place.pc)) sum.addPlace(place)
  for (const { pc, cause, cycles, instructions } of profiler.extra.values()) {
    for (const sum of sums.at(pc)) {
      sum.add(cause, cycles)
      sum.instructions += instructions
    }
  }
  const totals = inclusive(profiler)
  const byCycles = <T extends Cost>(a: T, b: T) => b.cycles - a.cycles
  const functions = [...sums.functions].map(([number, { sum, firstPc }]) => {
    const place = source && beginOf(source, firstPc)
    const name = profiler.functions.names[number]!
    return { name, ...(place && { place }), ...costOf(sum), ...totals.get(number)! }
  })
  const lines = [...sums.lines.values()].map(({ sum, place, function: name }) => {
    return { ...place, function: name, ...costOf(sum) }
  })
  return {
    ...costOf(sums.whole),
    functions: functions.sort(byCycles),
    lines: lines.sort(byCycles),
    calls: callProfiles(profiler),
    memory: profiler.traffic.traffic(),
    devices: profiler.devices.all(),
  }
}

/** The line that a function begins in: its first instruction may be of another, inlined one. */
function beginOf(source: SourceLookup, pc: number): SourcePlace | undefined {
  return source.lineAt(source.entryOf(pc) ?? pc) ?? source.lineAt(pc)
}

function costOf({ instructions, cycles, causes }: Sum): Cost {
  return { instructions, cycles, causes }
}

/** Calls and inclusive costs of every function: of its outermost activations alone. */
function inclusive({ stack: { tree }, nodeCycles, nodeInstructions, functions }: CycleProfiler) {
  const cycles = tree.totals(nodeCycles)
  const instructions = tree.totals(nodeInstructions)
  const found = functions.names.map(() => ({ calls: 0, totalCycles: 0, totalInstructions: 0 }))
  for (let node = 1; node < tree.size; node++) {
    const number = tree.function[node]!
    const total = found[number]!
    total.calls += tree.calls[node]!
    if (isInside(tree, tree.parent[node]!, number)) continue
    total.totalCycles += cycles[node]!
    total.totalInstructions += instructions[node]!
  }
  return new Map(found.entries())
}

function isInside({ parent, function: callee }: CycleProfiler['stack']['tree'], from: number, number: number): boolean {
  for (let at = from; at !== 0; at = parent[at]!) if (callee[at] === number) return true
  return false
}

function callProfiles({ stack: { tree }, nodeCycles, functions }: CycleProfiler): CallProfile[] {
  const totals = tree.totals(nodeCycles)
  const edges = new Map<string, { caller?: string; callee: string; calls: number; totalCycles: number }>()
  for (let node = 1; node < tree.size; node++) {
    const caller = functions.names[tree.function[tree.parent[node]!]!]
    const callee = functions.names[tree.function[node]!]!
    const key = `${caller ?? ''} ${callee}`
    const edge = edges.get(key) ?? { ...(caller !== undefined && { caller }), callee, calls: 0, totalCycles: 0 }
    edges.set(key, edge)
    edge.calls += tree.calls[node]!
    if (!isInside(tree, tree.parent[node]!, tree.function[node]!)) edge.totalCycles += totals[node]!
  }
  return [...edges.values()].sort((a, b) => b.totalCycles - a.totalCycles)
}
