/**
 * `npm run bench:cpu`: speed of the hart in processor time, beside QEMU, Spike and rv32emu where they are installed.
 *
 *  1. C workloads in steady state and in short runs of about 0.3 * 10^9 instructions, with and without timing model.
 *  2. Guests that a translator may suffer from, against the interpreter.
 *
 * Only ratios within one run count. `--json` prints one JSON object, `--repeats N` runs everything N times (3) and takes
 * the best, names as arguments choose workloads and guests. `--memory` looks at the host's memory over 10^10
 * instructions instead.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureGuests } from './guests.ts'
import { measureMemory } from './memory.ts'
import { qemuVersion } from './qemu.ts'
import { measure, type Row } from './steady.ts'
import { formatGuests, formatHeader, formatMemory, formatRow, meanRow } from './table.ts'
import { allVariants } from './variants.ts'
import { workloads } from './workloads.ts'

interface Options {
  readonly json: boolean
  readonly memory: boolean
  readonly repeats: number
  readonly names: readonly string[]
}

function parse(args: readonly string[]): Options {
  const at = args.indexOf('--repeats')
  const names = args.filter((arg, index) => !arg.startsWith('--') && (at < 0 || index !== at + 1))
  const repeats = at < 0 ? 3 : Number(args[at + 1])
  return { json: args.includes('--json'), memory: args.includes('--memory'), repeats, names }
}

async function speeds({ json, repeats, names }: Options, folder: string): Promise<void> {
  const print = (text: string) => json || console.log(text)
  const qemu = qemuVersion()
  const variants = allVariants()
  const rows: Row[] = []
  print(`MIPS of processor time, best of ${repeats}; ${qemu ?? 'QEMU is not installed'}\n${formatHeader(variants)}`)
  for (const workload of workloads.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const row = await measure(workload, folder, variants, repeats)
    rows.push(row)
    print(formatRow(row, variants))
  }
  if (rows.length > 0) print(formatRow(meanRow(rows), variants))
  const guests = await measureGuests(folder, repeats, names)
  print(`\n${formatGuests(guests)}`)
  if (json) console.log(JSON.stringify({ qemu, rows, guests }))
}

async function memory({ json }: Options, folder: string): Promise<void> {
  const rows = await measureMemory(folder)
  console.log(json ? JSON.stringify({ rows }) : formatMemory(rows))
}

const options = parse(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'bench-cpu-'))
try {
  await (options.memory ? memory : speeds)(options, folder)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
