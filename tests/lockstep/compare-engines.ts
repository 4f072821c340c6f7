import { isDeepStrictEqual } from 'node:util'
import type { Engine, Machine } from '../../sim/machine.ts'
import type { RunResult } from '../../sim/run-result.ts'
import type { Random } from './random.ts'

export interface LockstepOptions {
  /** Makes a machine that is ready to run. */
  readonly make: (engine: Engine) => Machine
  readonly random: Random
  /** Instructions after which the comparison ends. */
  readonly instructions: number
  /** Most cycles or instructions between two stops. */
  readonly span: number
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
 * that there is: registers, control registers, counters, memory, devices, pending events, console, results.
 *
 * @throws Error at the first difference, with what differs
 */
export function compareEngines({ make, random, instructions, span }: LockstepOptions): LockstepResult {
  const plain = make('interpreter')
  const translated = make('translator')
  for (let stops = 1; ; stops++) {
    const step = random.between(1, random.oneIn(3) ? 10 : span)
    const limit = random.oneIn(2)
      ? { maxInstructions: plain.hart.instructions + step }
      : { maxCycles: plain.hart.cycles + step }
    const expected = plain.run(limit)
    const actual = translated.run(limit)
    const ended = expected.reason !== 'limit' || expected.instructions >= instructions
    const difference = firstDifference(plain, expected, translated, actual, ended || stops % THOROUGH === 0)
    if (difference !== undefined)
      throw new Error(`after ${stops} stops, ${expected.instructions} instructions: ${difference}`)
    if (ended) {
      const { reason } = expected
      return { stops, instructions: expected.instructions, reason, modules: translated.translatedModules }
    }
  }
}

/** Every so many stops everything that a snapshot holds is compared. */
const THOROUGH = 8

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
