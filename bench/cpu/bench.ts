/**
 * `npm run bench:cpu`: speed of the hart on C workloads, beside QEMU where it is installed. The variants run
 * alternately in one process, because machines change their speed over minutes; only ratios within one run count.
 * `--json` prints one JSON object; names as arguments choose workloads.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { qemuVersion, runQemu } from './qemu.ts'
import { buildWorkload, type Workload, workloads } from './workloads.ts'

const REPEATS = 3

/** Speed of one workload in MIPS: the best of the repeats. */
interface Row {
  readonly workload: string
  readonly instructions: number
  readonly interpreter: number
  readonly qemu: number | undefined
}

async function runInterpreter(elf: Uint8Array, name: string) {
  const machine = new Machine(defaultSoc, { cpu: 'ideal', engine: 'interpreter' })
  machine.load(await loadElf(elf, name))
  const begin = performance.now()
  const { instructions, console, reason, explanation } = machine.run()
  if (reason !== 'exit') throw new Error(`${name} ended with ${reason}: ${explanation}`)
  return { instructions, console, seconds: (performance.now() - begin) / 1000 }
}

async function measure(workload: Workload, folder: string, withQemu: boolean): Promise<Row> {
  const elf = await buildWorkload(workload, findToolchain())
  const file = join(folder, `${workload.name}.elf`)
  writeFileSync(file, elf)
  let instructions = 0
  let interpreter = Number.POSITIVE_INFINITY
  let qemu = Number.POSITIVE_INFINITY
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const own = await runInterpreter(elf, workload.name)
    instructions = own.instructions
    interpreter = Math.min(interpreter, own.seconds)
    if (!withQemu) continue
    const other = runQemu(file)
    if (other.console !== own.console) throw new Error(`${workload.name}: QEMU computes something else`)
    qemu = Math.min(qemu, other.seconds)
  }
  const mips = (seconds: number) => instructions / seconds / 1e6
  return {
    workload: workload.name,
    instructions,
    interpreter: mips(interpreter),
    qemu: withQemu ? mips(qemu) : undefined,
  }
}

function line({ workload, instructions, interpreter, qemu }: Row): string {
  const columns = [
    workload.padEnd(12),
    String(Math.round(instructions / 1e6)).padStart(7),
    interpreter.toFixed(0).padStart(12),
  ]
  if (qemu !== undefined) columns.push(qemu.toFixed(0).padStart(7), (interpreter / qemu).toFixed(3).padStart(8))
  return columns.join(' ')
}

const geometricMean = (values: readonly number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('--'))
const chosen = workloads.filter(({ name }) => names.length === 0 || names.includes(name))
const version = qemuVersion()
const folder = mkdtempSync(join(tmpdir(), 'bench-cpu-'))
try {
  const rows: Row[] = []
  if (!args.includes('--json')) {
    console.log(`MIPS, best of ${REPEATS}; ${version ?? 'QEMU is not installed'}`)
    console.log(`workload     10^6 in  interpreter${version === undefined ? '' : '    QEMU    ratio'}`)
  }
  for (const workload of chosen) {
    const row = await measure(workload, folder, version !== undefined)
    rows.push(row)
    if (!args.includes('--json')) console.log(line(row))
  }
  const mean = geometricMean(rows.map((row) => row.interpreter))
  if (args.includes('--json')) console.log(JSON.stringify({ qemu: version, rows, interpreterMean: mean }))
  else console.log(`geometric mean ${mean.toFixed(0)} MIPS`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
