import { Decoder } from '../../sim/cpu/decoder.ts'
import { parseIsa } from '../../sim/cpu/isa.ts'
import type { Engine } from '../../sim/machine.ts'
import { findDifference } from './compare.ts'
import type { Batch } from './generate.ts'
import { batchImage, type Program } from './harness.ts'
import { listing } from './listing.ts'
import { type PlatformRun, runPlatform } from './platform.ts'
import { runQemu } from './qemu.ts'

/** A program that ends differently here and in QEMU. */
export interface Failure {
  readonly seed: number
  /** Number of the program among those of the seed. */
  readonly number: number
  readonly isa: string
  readonly difference: string
  /** With as few units as show a difference; whole when it shows none on its own. */
  readonly program: Program
  /** The programs that have to run for it: its own number, or its batch. */
  readonly needs: { readonly first: number; readonly programs: number }
}

export interface BatchReport {
  readonly instructions: number
  /** WebAssembly modules made by the translator. */
  readonly modules: number
  readonly failures: readonly Failure[]
}

const engines: readonly Engine[] = ['interpreter', 'translator']

/** What came of some programs everywhere; undefined where they did not come to their end. */
interface Runs {
  readonly theirs: Uint8Array | undefined
  readonly ours: readonly (PlatformRun | undefined)[]
}

/** Runs an image elsewhere: the beginning of RAM afterwards, as long as the image; undefined when it does not end. */
type Reference = (image: Uint8Array, isa: string) => Uint8Array | undefined

/** Runs a batch in QEMU and in both engines, and compares the final state of every program. */
export function checkBatch(batch: Batch, reference: Reference = runQemu): BatchReport {
  const { isa, programs, seed, first } = batch
  const runs = runEverywhere(reference, isa, programs)
  const common = commonDifference(runs)
  const suspects = programs.flatMap((program, slot) => {
    const difference = common ?? slotDifference(runs, program, slot)
    return difference === undefined ? [] : [{ program, slot, difference }]
  })
  const failures = suspects.map(({ program, slot, difference }): Failure => {
    const failure = { seed, number: first + slot, isa, difference, program }
    const alone = shrink(reference, isa, program)
    if (alone !== undefined) return { ...failure, ...alone, needs: { first: first + slot, programs: 1 } }
    return { ...failure, needs: { first, programs: programs.length } }
  })
  // What concerns the whole batch is put down to the programs that show it alone, or else to the batch once.
  const guilty = failures.filter(({ needs }) => needs.programs === 1)
  const [one, two] = runs.ours
  return {
    instructions: one?.instructions ?? 0,
    modules: two?.modules ?? 0,
    failures: common === undefined ? failures : guilty.length > 0 ? guilty : failures.slice(0, 1),
  }
}

function runEverywhere(reference: Reference, isa: string, programs: readonly Program[]): Runs {
  const image = batchImage(programs, parseIsa(isa).extensions.has('c'))
  return { theirs: reference(image, isa), ours: engines.map((engine) => runPlatform(image, isa, engine)) }
}

/** A difference that no single slot shows. */
function commonDifference({ theirs, ours }: Runs): string | undefined {
  const lost = engines.find((_, index) => ours[index] === undefined)
  if (lost !== undefined) return `the ${lost} does not come to the end`
  if (theirs === undefined) return 'QEMU does not come to the end'
  for (const what of ['instructions', 'cycles'] as const) {
    const [one, two] = ours.map((run) => run![what])
    if (one !== two) return `the ${engines[0]} counts ${one} ${what}, the ${engines[1]} ${two}`
  }
  return undefined
}

function slotDifference({ theirs, ours }: Runs, program: Program, slot: number): string | undefined {
  for (const [index, engine] of engines.entries()) {
    const difference = findDifference(program, slot, { ours: ours[index]!.memory, theirs: theirs! })
    if (difference !== undefined) return `${difference} (${engine})`
  }
  return undefined
}

/** Leaves out units as long as there is a difference; undefined when the program alone shows none. */
function shrink(
  reference: Reference,
  isa: string,
  program: Program,
): { program: Program; difference: string } | undefined {
  const attempt = (program: Program) => {
    const runs = runEverywhere(reference, isa, [program])
    const difference = commonDifference(runs) ?? slotDifference(runs, program, 0)
    return difference === undefined ? undefined : { program, difference }
  }
  let smallest = attempt(program)
  for (let index = program.units.length - 1; index >= 0 && smallest !== undefined; index--) {
    const units = smallest.program.units.toSpliced(index, 1)
    smallest = attempt({ ...program, units }) ?? smallest
  }
  return smallest
}

/** A failure as text: what differs, how to see it again, and the program that is left. */
export function formatFailure({ seed, number, isa, difference, program, needs }: Failure): string {
  const decoder = new Decoder(parseIsa(isa).extensions)
  const registers = program.registers.map((value, i) => `x${i + 1}=${(value >>> 0).toString(16)}`).join(' ')
  return [
    `seed ${seed}, program ${number}, ${isa}: ${difference}`,
    `  again: npm run test:fuzz -- --seed ${seed} --first ${needs.first} --programs ${needs.programs}`,
    `  ${registers}`,
    ...program.units.flatMap(({ name, code }) => [`  ${name}:`, ...listing(code, decoder)]),
  ].join('\n')
}
