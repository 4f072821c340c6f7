/**
 * `npm run bench:start`: how long the built command line (`npm run build`) takes from its start to its end, in alternation: Node
 * alone, `sim run` on a program that prints one line, QEMU on the same program, and `sim infer` on a keyword spotter with 16
 * samples whose C is compiled already. Without the shared models it is the digits network of this repository.
 *
 * For each the time on the wall and the processor time of all its threads, least and median. `--json` prints one JSON
 * object, `--repeats N` runs everything N times (15).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildProgram } from '../../programs/build.ts'
import { sharedPath } from '../../tests/shared.ts'
import { QEMU, qemuVersion } from '../cpu/qemu.ts'

interface Subject {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
}

/** Milliseconds. */
interface Times {
  readonly least: number
  readonly median: number
}

interface Row {
  readonly name: string
  readonly wall: Times
  readonly processor: Times
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const sim = join(root, 'dist', 'sim', 'cli', 'main.js')

async function subjects(folder: string): Promise<Subject[]> {
  const hello = join(folder, 'hello.elf')
  writeFileSync(hello, await buildProgram({ name: 'hello' }))
  const model = sharedPath('models/tflite/kws_dscnn/') ?? join(root, 'programs', 'digits')
  const network = existsSync(join(model, 'model.tflite')) ? 'model.tflite' : 'digits.tflite'
  const arrays = ['--input', join(model, 'inputs.npy'), '--expect', join(model, 'outputs.npy')]
  const node = process.execPath
  // QEMU's console goes to a file: from a pipe it drops letters.
  const virt = ['-M', 'virt', '-bios', 'none', '-display', 'none', '-monitor', 'none']
  const serial = ['-serial', `file:${join(folder, 'console.txt')}`]
  return [
    { name: 'node -e 0', program: node, args: ['-e', '0'] },
    { name: 'sim run hello.elf', program: node, args: [sim, 'run', hello] },
    ...(qemuVersion() === undefined
      ? []
      : [{ name: QEMU, program: QEMU, args: [...virt, ...serial, '-kernel', hello] }]),
    {
      name: `sim infer ${network === 'model.tflite' ? 'kws_dscnn' : 'digits'}`,
      program: node,
      args: [sim, 'infer', join(model, network), ...arrays],
    },
  ]
}

function run({ name }: Subject, program: string, args: readonly string[]): string {
  const { status, stderr, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name} failed: ${error?.message ?? stderr}`)
  return stderr
}

/** Milliseconds from start to end. */
function wallTime(subject: Subject): number {
  const begin = performance.now()
  run(subject, subject.program, subject.args)
  return performance.now() - begin
}

/** The shell prints user and system time of itself, then of its children. */
const TIMED = '"$0" "$@"; status=$?; times >&2; exit $status'

/** Milliseconds of processor time. */
function processorTime(subject: Subject): number {
  const lines = run(subject, 'bash', ['-c', TIMED, subject.program, ...subject.args])
    .trim()
    .split('\n')
  const times = [...lines.at(-1)!.matchAll(/(\d+)m([\d.]+)s/g)]
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0)
}

function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b)
  return { least: sorted[0]!, median: sorted[sorted.length >> 1]! }
}

function measure(all: readonly Subject[], repeats: number): Row[] {
  for (const subject of all) run(subject, subject.program, subject.args)
  const samples = all.map(() => ({ wall: [] as number[], processor: [] as number[] }))
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [i, subject] of all.entries()) {
      samples[i]!.wall.push(wallTime(subject))
      samples[i]!.processor.push(processorTime(subject))
    }
  }
  return all.map(({ name }, i) => ({
    name,
    wall: timesOf(samples[i]!.wall),
    processor: timesOf(samples[i]!.processor),
  }))
}

function text(rows: readonly Row[]): string {
  const cell = (value: number) => value.toFixed(0).padStart(8)
  const line = ({ name, wall, processor }: Row) =>
    name.padEnd(24) + [wall.least, wall.median, processor.least, processor.median].map(cell).join('')
  return [`${'ms'.padEnd(24)}    wall  median     cpu  median`, ...rows.map(line)].join('\n')
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, repeats: { type: 'string', default: '15' } } })
if (!existsSync(sim)) throw new Error('there is no built command line: run `npm run build` first')
const folder = mkdtempSync(join(tmpdir(), 'bench-start-'))
try {
  const rows = measure(await subjects(folder), Number(values.repeats))
  console.log(values.json === true ? JSON.stringify({ rows }) : text(rows))
} finally {
  rmSync(folder, { recursive: true })
}
