import type { Footprint } from './overlap.ts'
import { conflict } from './overlap.ts'

/** Index of a command in program order; -1 for none. */
type Index = number

/** What a command has to wait for. */
export interface Dependency {
  /** Unit that has to finish something first. */
  readonly unit: number
  /** The command there that has to finish; units work in order, so all before it have finished too. */
  readonly command: Index
}

interface Entry {
  readonly unit: number
  readonly footprint: Footprint
  /** Per unit, the last command known to have finished when this one has. */
  readonly finished: readonly Index[]
  /** State of the unit's chain before this entry, to take it back. */
  readonly previous: readonly Index[]
}

/**
 * Finds what every command has to wait for, in program order, from the bytes that commands touch:
 *
 * 1. A unit executes in order, so a command needs at most the latest earlier conflicting command of
 *    every other unit.
 * 2. Every command carries a vector clock: which commands of each unit have finished when it has.
 *    What the clock of its own unit or of another dependency already covers needs no waiting.
 *
 * Dependencies between one pair of units grow strictly, so the k-th wait matches the k-th signal.
 */
export class Dependencies {
  private readonly entries: Entry[] = []
  private readonly byUnit: Index[][]
  private clocks: (readonly Index[])[]

  constructor(units: number) {
    this.byUnit = Array.from({ length: units }, () => [])
    this.clocks = this.byUnit.map(() => this.byUnit.map(() => -1))
  }

  get length(): number {
    return this.entries.length
  }

  /** Appends a command and says what it has to wait for. */
  add(unit: number, footprint: Footprint): Dependency[] {
    const index = this.entries.length
    const previous = this.clocks[unit]!
    const needed = this.needed(unit, footprint).filter(
      (one, _, all) => !all.some((other) => other !== one && this.finishedBy(other)[one.unit]! >= one.command),
    )
    const finished = [...previous]
    for (const dependency of needed)
      for (const [other, last] of this.finishedBy(dependency).entries())
        finished[other] = Math.max(finished[other]!, last)
    finished[unit] = index
    this.clocks[unit] = finished
    this.entries.push({ unit, footprint, finished, previous })
    this.byUnit[unit]!.push(index)
    return needed
  }

  /** Everything before has finished before anything after starts: the controller waited. Cannot be taken back. */
  barrier(): void {
    const all = this.byUnit.map((commands) => commands.at(-1) ?? -1)
    this.clocks = this.clocks.map(() => all)
  }

  /** Takes back every command from `length` on. */
  truncate(length: number): void {
    while (this.entries.length > length) {
      const { unit, previous } = this.entries.pop()!
      this.clocks[unit] = previous
      this.byUnit[unit]!.pop()
    }
  }

  private finishedBy(dependency: Dependency): readonly Index[] {
    return this.entries[dependency.command]!.finished
  }

  /** The latest conflicting command of every other unit that is not known to have finished. */
  private needed(unit: number, footprint: Footprint): Dependency[] {
    const clock = this.clocks[unit]!
    return this.byUnit.flatMap((commands, other) => {
      if (other === unit) return []
      for (let i = commands.length - 1; i >= 0 && commands[i]! > clock[other]!; i--)
        if (conflict(footprint, this.entries[commands[i]!]!.footprint)) return [{ unit: other, command: commands[i]! }]
      return []
    })
  }
}
