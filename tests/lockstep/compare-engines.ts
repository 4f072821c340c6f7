import { isDeepStrictEqual } from 'node:util'
import { Stops, type Watchpoint } from '../../sim/debug/stops.ts'
import type { Engine, Machine } from '../../sim/machine.ts'
import type { RunLimits, RunResult } from '../../sim/run-result.ts'
import type { Random } from './random.ts'

export interface LockstepOptions {
  /** Makes a machine that is ready to run. */
  readonly make: (engine: Engine) => Machine
  readonly random: Random
  /** Instructions after which the comparison ends. */
  readonly instructions: number
  /** Most cycles or instructions between two stops. */
  readonly span: number
  /** The engine that is held to the interpreter; `auto` translates less, and leaves alone what does not pay. */
  readonly engine?: 'translator' | 'auto'
}

export interface LockstepResult {
  /** Times that both engines were stopped and found in the same state. */
  readonly stops: number
  readonly instructions: number
  readonly reason: string
  /** Modules that the translator made. */
  readonly modules: number
}

/**
 * Runs the same program on both engines, stops both at random counts of cycles or instructions and compares all
 * that there is: registers, control registers, counters, memory, devices, pending events, console, results. Now and
 * then a debugger with a breakpoint or a watchpoint (of writes, reads or both) is attached up to the next stop, or each engine goes on from the
 * snapshot of the other.
 *
 * @throws Error at the first difference, with what differs
 */
export function compareEngines(options: LockstepOptions): LockstepResult {
  const { make, random, instructions, span, engine = 'translator' } = options
  const plain = make('interpreter')
  const translated = make(engine)
  const debuggers = [new Debugger(plain), new Debugger(translated)] as const
  for (let stops = 1; ; stops++) {
    const step = random.between(1, random.oneIn(3) ? 10 : span)
    const limit = random.oneIn(2)
      ? { maxInstructions: plain.hart.instructions + step }
      : { maxCycles: plain.hart.cycles + step }
    const stop = random.oneIn(DEBUGGED) ? randomStop(random, plain) : undefined
    const [expected, actual] = debuggers.map((each) => each.run(limit, stop)) as [RunResult, RunResult]
    const ended = !GOES_ON.has(expected.reason) || expected.instructions >= instructions
    const difference = firstDifference(plain, expected, translated, actual, ended || stops % THOROUGH === 0)
    if (!isDeepStrictEqual(debuggers[0].hit, debuggers[1].hit)) throw new Error('different watchpoints were hit')
    if (difference !== undefined)
      throw new Error(`after ${stops} stops, ${expected.instructions} instructions: ${difference}`)
    if (ended) {
      const { reason } = expected
      return { stops, instructions: expected.instructions, reason, modules: translated.translatedModules }
    }
    if (random.oneIn(SWAPPED)) exchange(plain, translated)
  }
}

/** Every so many stops everything that a snapshot holds is compared. */
const THOROUGH = 8
/** Once in so many stops a debugger is attached, or states are exchanged. */
const DEBUGGED = 10
const SWAPPED = 25
const GOES_ON: ReadonlySet<string> = new Set(['limit', 'stopped'])
const SP = 2
/** Words before the stack pointer or after it that a watchpoint may watch. */
const WATCHED = 256
/** The other places: words of random programs' data, and a device. */
const DATA = 3
const DATA_WORDS = 192
const MTIME = 0x0200_bff8
const KINDS = ['write', 'write', 'read', 'access'] as const

/** Where a debugger stops: before the instruction at this address, or after an access. */
type Stop = number | Watchpoint

function randomStop(random: Random, { hart }: Machine): Stop {
  if (random.oneIn(2)) return (hart.pc + random.between(-16, 16) * 4) >>> 0
  const stack = hart.x[SP]! + random.between(-WATCHED, WATCHED) * 4
  const data = hart.x[DATA]! + random.below(DATA_WORDS) * 4
  const address = (random.pick([stack, data, data, MTIME]) & ~3) >>> 0
  return { kind: random.pick(KINDS), address, length: 4 }
}

class Debugger {
  /** What it stopped at, when that was a watchpoint. */
  hit: Stops['hit']
  private readonly machine: Machine
  private readonly stops: Stops

  constructor(machine: Machine) {
    this.machine = machine
    this.stops = new Stops(machine)
  }

  run(limit: RunLimits, stop: Stop | undefined): RunResult {
    const { machine, stops } = this
    this.hit = undefined
    if (stop === undefined) return machine.run(limit)
    if (typeof stop === 'number') stops.setBreakpoint(stop, true)
    else stops.setWatchpoint(stop, true)
    machine.control = stops
    stops.arm(true)
    const result = machine.run(limit)
    this.hit = stops.hit
    stops.arm(false)
    stops.clear()
    machine.control = undefined
    return result
  }
}

/** Lets each machine go on from the other one's snapshot. */
function exchange(a: Machine, b: Machine): void {
  const [first, second] = [a.save(), b.save()]
  a.restore(second)
  b.restore(first)
}

const hex = (value: number) => `0x${(value >>> 0).toString(16)}`

function firstDifference(
  plain: Machine,
  expected: RunResult,
  translated: Machine,
  actual: RunResult,
  thorough: boolean,
): string | undefined {
  const a = plain.hart
  const b = translated.hart
  const numbers = [
    ['pc', a.pc, b.pc],
    ['cycles', a.cycles, b.cycles],
    ['instructions', a.instructions, b.instructions],
    ...Array.from({ length: 32 }, (_, n) => [`x${n}`, a.x[n]!, b.x[n]!] as const),
  ] as const
  for (const [name, x, y] of numbers) {
    if (x !== y) return `${name} is ${hex(y)} instead of ${hex(x)} (pc ${hex(b.pc)}, interpreter ${hex(a.pc)})`
  }
  if (!isDeepStrictEqual(expected, actual)) return 'the results differ'
  if (Buffer.compare(a.memory.bytes, b.memory.bytes) !== 0) return 'memory differs'
  if (!thorough || isDeepStrictEqual(plain.save(), translated.save())) return undefined
  return 'devices, control registers or events differ'
}
