import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import type { Binary, Variant } from './variants.ts'
import { buildWorkload, type Console, type Workload } from './workloads.ts'

/** How much longer the long run is. */
const LONGER = 8

/** Speeds of one workload in MIPS, by variant. */
export interface Row {
  readonly workload: string
  readonly instructions: number
  /** Of the short run, start-up and translation included. */
  readonly short: Readonly<Record<string, number>>
  /** What more instructions cost. */
  readonly steady: Readonly<Record<string, number>>
}

/** Best times of a variant, in seconds. */
interface Times {
  short: number
  long: number
}

export async function build(workload: Workload, folder: string, console: Console): Promise<Binary> {
  const elf = await buildWorkload(workload, findToolchain(), console)
  const file = join(folder, `${workload.name}-${workload.rounds}-${console}.elf`)
  writeFileSync(file, elf)
  return { name: workload.name, file, elf }
}

/**
 * Measures one workload: all variants alternate, because machines change their speed over minutes. The second program
 * is the same but longer; the steady speed follows from the difference, without start-up and translation.
 */
export async function measure(
  workload: Workload,
  folder: string,
  variants: readonly Variant[],
  repeats: number,
): Promise<Row> {
  const best = new Map<string, Times>(variants.map(({ name }) => [name, { short: Infinity, long: Infinity }]))
  const counts = { short: 0, long: 0 }
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const length of ['short', 'long'] as const) {
      const rounds = workload.rounds * (length === 'short' ? 1 : LONGER)
      const taking = variants.filter(({ shortOnly }) => length === 'short' || !shortOnly)
      counts[length] = await runAll({ ...workload, rounds }, folder, taking, (name, seconds) => {
        const times = best.get(name)!
        times[length] = Math.min(times[length], seconds)
      })
    }
  }
  const more = counts.long - counts.short
  const speeds = (mips: (times: Times, variant: Variant) => number) =>
    Object.fromEntries(variants.map((variant) => [variant.name, mips(best.get(variant.name)!, variant)]))
  return {
    workload: workload.name,
    instructions: counts.short,
    short: speeds(({ short }) => counts.short / short / 1e6),
    steady: speeds(({ short, long }, { shortOnly }) =>
      shortOnly ? counts.short / short / 1e6 : more / (long - short) / 1e6,
    ),
  }
}

/** Runs a workload once on each variant; all must print the same. @returns its instructions on ours */
async function runAll(
  workload: Workload,
  folder: string,
  variants: readonly Variant[],
  note: (variant: string, seconds: number) => void,
): Promise<number> {
  let expected: string | undefined
  let counted: number | undefined
  for (const { name, run, console } of variants) {
    const outcome = await run(await build(workload, folder, console))
    note(name, outcome.seconds)
    expected ??= outcome.console
    if (outcome.console !== expected) throw new Error(`${workload.name}: ${name} computes something else`)
    counted ??= outcome.instructions
  }
  return counted!
}
