/**
 * A machine's past, to go back to. Runs are deterministic, so a point of time is reached again from any checkpoint
 * before it by doing the same again. What comes from outside (console input, memory and registers that the debugger
 * sets) is logged with its time and repeated as well.
 *
 * Checkpoints are taken every `INTERVAL` instructions; when there are too many, those far back are thinned out, so that
 * distances grow with age. A point of time is known by its cycle: nothing that can be stepped over takes none.
 */
import type { Machine, MachineState } from '../machine.ts'
import type { RunResult } from '../run-result.ts'
import { type Intervention, intervene } from './intervention.ts'
import type { Stops } from './stops.ts'

const INTERVAL = 1 << 20
const MOST_CHECKPOINTS = 48
/** Cycles that looking for the previous instruction begins with. */
const FIRST_WINDOW = 32

interface Checkpoint {
  readonly cycles: number
  readonly instructions: number
  /** How many log entries are part of the state. */
  readonly logged: number
  readonly state: MachineState
  readonly arrivals: ReturnType<Machine['input']['saveArrivals']>
}

/** Where going back ended: at a stop (see `Stops`), or at the beginning. */
export type BackwardStop =
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'watchpoint'; readonly hit: NonNullable<Stops['hit']> }
  | { readonly kind: 'beginning' }

export class Timeline {
  readonly machine: Machine
  readonly stops: Stops
  private checkpoints: Checkpoint[] = []
  private log: { readonly at: number; readonly intervention: Intervention }[] = []
  /** How many entries of the log are part of the machine's present state. */
  private logged = 0

  /** The past begins with the present state of `machine`. */
  constructor(machine: Machine, stops: Stops) {
    this.machine = machine
    this.stops = stops
    machine.control = stops
    this.checkpoint()
  }

  get now(): number {
    return this.machine.hart.cycles
  }

  /** Runs forward for so many cycles, or up to a stop or the end. Reason `limit`: it can go on. */
  run(cycles: number): RunResult {
    this.stops.arm(true)
    return this.forward(this.now + cycles)
  }

  /** Lets one thing happen (`Machine.step`). */
  step(): RunResult {
    this.stops.arm(true)
    return this.one()
  }

  /** Does something to the machine from outside; a future that was known until now is no more. */
  intervene(intervention: Intervention): boolean {
    if (!intervene(this.machine, intervention)) return false
    if (this.logged < this.log.length || this.checkpoints.some(({ cycles }) => cycles > this.now)) this.forgetFuture()
    this.machine.diverge()
    this.log.push({ at: this.now, intervention })
    this.logged = this.log.length
    return true
  }

  /** Back to the beginning; what was done from outside since is forgotten. */
  reset(): void {
    this.log = []
    this.restore(this.checkpoints[0]!)
    this.forgetFuture()
    this.machine.diverge()
  }

  /** Goes back by one step; false at the beginning. */
  stepBack(): boolean {
    this.stops.arm(false)
    const before = this.stepBefore(this.now)
    this.seek(before ?? this.checkpoints[0]!.cycles)
    return before !== undefined
  }

  /**
   * Goes back to the last stop before now, yielding between pieces of work. The machine then stands before the
   * instruction with the breakpoint, or before the one that touched what is watched.
   */
  *runBack(): Generator<void, BackwardStop> {
    let end = this.now
    for (const from of this.checkpoints.filter(({ cycles }) => cycles < end).reverse()) {
      this.restore(from)
      const last = this.lastStopUpTo(end)
      if (last !== undefined) {
        this.stops.arm(false)
        this.seek(last.stop.kind === 'breakpoint' ? last.at : (this.stepBefore(last.at) ?? from.cycles))
        return last.stop
      }
      end = from.cycles
      yield
    }
    this.seek(this.checkpoints[0]!.cycles)
    return { kind: 'beginning' }
  }

  /** The last stop from here to cycle `end`: a breakpoint before it, or an access that was done by then. */
  private lastStopUpTo(end: number): { readonly stop: BackwardStop; readonly at: number } | undefined {
    let last: { readonly stop: BackwardStop; readonly at: number } | undefined
    while (this.now < end) {
      if (this.stops.breaksAt(this.machine.hart.pc)) last = { stop: { kind: 'breakpoint' }, at: this.now }
      this.stops.arm(true)
      const began = this.now
      this.one()
      if (this.stops.hit === undefined && this.now < end) this.forward(end)
      if (this.now === began) break
      const { hit } = this.stops
      if (hit !== undefined && this.now <= end) last = { stop: { kind: 'watchpoint', hit }, at: this.now }
    }
    return last
  }

  /** Cycle at which the last step before cycle `end` began; undefined when there is none. */
  private stepBefore(end: number): number | undefined {
    const first = this.checkpoints[0]!.cycles
    for (let window = FIRST_WINDOW; end > first; window *= 8) {
      const from = Math.max(first, end - window)
      this.seek(from)
      let last: number | undefined
      while (this.now < end && this.now !== last) {
        last = this.now
        this.one()
      }
      if (last !== undefined) return last
    }
    return undefined
  }

  /** Goes to the first point of time at or after cycle `at`, whatever stops are on the way. */
  private seek(at: number): void {
    this.stops.arm(false)
    const from = this.checkpoints.findLast(({ cycles }) => cycles <= at)!
    if (at < this.now || this.now < from.cycles) this.restore(from)
    if (this.now < at) this.forward(at)
  }

  /** Runs up to cycle `end`, repeating what the log says and taking checkpoints. */
  private forward(end: number): RunResult {
    for (;;) {
      this.repeatInterventions()
      this.checkpointIfDue()
      const maxCycles = Math.min(end, this.log[this.logged]?.at ?? end)
      const maxInstructions = this.checkpointBefore().instructions + INTERVAL
      const result = this.machine.run({ maxCycles, maxInstructions })
      if (result.reason !== 'limit' || this.now >= end) {
        this.repeatInterventions()
        return result
      }
    }
  }

  private one(): RunResult {
    this.repeatInterventions()
    const result = this.machine.step()
    this.repeatInterventions()
    return result
  }

  private repeatInterventions(): void {
    for (let next = this.log[this.logged]; next !== undefined && next.at <= this.now; next = this.log[this.logged]) {
      intervene(this.machine, next.intervention)
      this.logged++
    }
  }

  private checkpointBefore(): Checkpoint {
    return this.checkpoints.findLast(({ cycles }) => cycles <= this.now)!
  }

  private checkpointIfDue(): void {
    if (this.machine.hart.instructions >= this.checkpointBefore().instructions + INTERVAL) this.checkpoint()
  }

  private checkpoint(): void {
    const { cycles, instructions } = this.machine.hart
    const state = this.machine.save()
    const arrivals = this.machine.input.saveArrivals()
    const after = this.checkpoints.findLastIndex((other) => other.cycles <= cycles) + 1
    this.checkpoints.splice(after, 0, { cycles, instructions, logged: this.logged, state, arrivals })
    if (this.checkpoints.length > MOST_CHECKPOINTS) this.thin()
  }

  /** Drops the checkpoint whose neighbours are the closest, compared with how far back it is. */
  private thin(): void {
    let least = Number.POSITIVE_INFINITY
    let index = 1
    for (let i = 1; i < this.checkpoints.length - 1; i++) {
      const gap = this.checkpoints[i + 1]!.instructions - this.checkpoints[i - 1]!.instructions
      const age = Math.abs(this.machine.hart.instructions - this.checkpoints[i]!.instructions) + 1
      if (gap / age >= least) continue
      least = gap / age
      index = i
    }
    this.checkpoints.splice(index, 1)
  }

  private restore({ state, arrivals, logged }: Checkpoint): void {
    this.machine.input.restoreArrivals(arrivals)
    this.machine.restore(state)
    this.logged = logged
    this.repeatInterventions()
  }

  private forgetFuture(): void {
    this.log.length = this.logged
    this.checkpoints = this.checkpoints.filter(
      ({ cycles, logged }, i) => i === 0 || (cycles <= this.now && logged <= this.logged),
    )
  }
}
