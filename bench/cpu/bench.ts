/**
 * `npm run bench:cpu`: speed of the hart on C workloads, beside QEMU where it is installed. All variants run
 * alternately in one process, because machines change their speed over minutes; only ratios within one run count.
 *
 * Every workload runs twice as long the second time, and longer: the steady speed follows from the difference, without
 * start-up and translation; the speed of the short run (about 0.3 * 10^9 instructions) has all of it in.
 *
 * `--json` prints one JSON object, `--repeats N` runs everything N times, names as arguments choose workloads.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { qemuVersion } from './qemu.ts'
import { formatHeader, formatMeans, formatRow } from './table.ts'
import { type Binary, type Variant, variantsFor } from './variants.ts'
import { buildWorkload, type Workload, workloads } from './workloads.ts'

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

async function build(workload: Workload, folder: string): Promise<Binary> {
  const elf = await buildWorkload(workload, findToolchain())
  const file = join(folder, `${workload.name}-${workload.rounds}.elf`)
  writeFileSync(file, elf)
  return { name: workload.name, file, elf }
}

async function measure(
  workload: Workload,
  folder: string,
  variants: readonly Variant[],
  repeats: number,
): Promise<Row> {
  const short = await build(workload, folder)
  const long = await build({ ...workload, rounds: workload.rounds * LONGER }, folder)
  const best = new Map(
    variants.map(({ name }) => [name, { short: Number.POSITIVE_INFINITY, long: Number.POSITIVE_INFINITY }]),
  )
  const counts = { short: 0, long: 0 }
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [length, binary] of [
      ['short', short],
      ['long', long],
    ] as const) {
      let expected: string | undefined
      for (const { name, run, shortOnly } of variants) {
        if (length === 'long' && shortOnly) continue
        const { seconds, console, instructions } = await run(binary)
        expected ??= console
        if (console !== expected) throw new Error(`${workload.name}: ${name} computes something else`)
        counts[length] = instructions ?? counts[length]
        const times = best.get(name)!
        times[length] = Math.min(times[length], seconds)
      }
    }
  }
  const perVariant = (mips: (times: { short: number; long: number }, variant: Variant) => number) =>
    Object.fromEntries(variants.map((variant) => [variant.name, mips(best.get(variant.name)!, variant)]))
  return {
    workload: workload.name,
    instructions: counts.short,
    short: perVariant((times) => counts.short / times.short / 1e6),
    steady: perVariant((times, { shortOnly }) =>
      shortOnly ? counts.short / times.short / 1e6 : (counts.long - counts.short) / (times.long - times.short) / 1e6,
    ),
  }
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const repeatsAt = args.indexOf('--repeats')
  const repeats = repeatsAt < 0 ? 3 : Number(args[repeatsAt + 1])
  const names = args.filter((arg, index) => !arg.startsWith('--') && (repeatsAt < 0 || index !== repeatsAt + 1))
  const qemu = qemuVersion()
  const variants = variantsFor(qemu !== undefined)
  const folder = mkdtempSync(join(tmpdir(), 'bench-cpu-'))
  try {
    const rows: Row[] = []
    if (!json) console.log(`MIPS, best of ${repeats}; ${qemu ?? 'QEMU is not installed'}\n${formatHeader(variants)}`)
    for (const workload of workloads.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const row = await measure(workload, folder, variants, repeats)
      rows.push(row)
      if (!json) console.log(formatRow(row, variants))
    }
    console.log(json ? JSON.stringify({ qemu, rows }) : formatMeans(rows, variants))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(process.argv.slice(2))
