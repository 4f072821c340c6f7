/**
 * `npm run bench:timing`: how exact the timing models of the hart are, against cycle counts measured on RTL.
 * With --csv, --elf and --cpu it fits a model to the measurements of a core of your own (docs/timing.md).
 */
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { readInput } from '../../sim/cli/read-input.ts'
import { reportFailure } from '../../sim/cli/report-failure.ts'
import { timingModel } from '../../sim/cpu/timing/models.ts'
import type { Engine } from '../../sim/machine.ts'
import { type Comparison, compare, modelFor, relativeError } from './compare.ts'
import { type Measurement, parseMeasurements } from './measurements.ts'

interface Options {
  readonly csv: string
  readonly elf: string
  readonly cpu?: string
  readonly off: string
}

/** Both are held to the RTL: `auto` is a mixture of them. */
const ENGINES: readonly Engine[] = ['interpreter', 'translator']

const shared = (name: string) => fileURLToPath(new URL(`../../../shared/timing/${name}`, import.meta.url))
const percent = (fraction: number, digits: number) => `${(fraction * 100).toFixed(digits)} %`

async function main(options: Options): Promise<void> {
  if (options.cpu !== undefined) timingModel(options.cpu)
  const csv = readInput(options.csv)
  const measurements = parseMeasurements(new TextDecoder().decode(csv), options.csv)
  const groups = grouped(measurements)
  print(['core', 'model', 'ISA', 'engine', 'exact', 'worst', 'mean'])
  for (const group of groups.values()) {
    for (const engine of ENGINES) await compareGroup(group, engine, options)
  }
}

function grouped(measurements: readonly Measurement[]): Map<string, Measurement[]> {
  const groups = new Map<string, Measurement[]>()
  for (const measurement of measurements) {
    const key = `${measurement.core} ${measurement.config} ${measurement.isa}`
    groups.set(key, [...(groups.get(key) ?? []), measurement])
  }
  return groups
}

/** One line of the table: a core's configuration, an ISA, an engine. Regions that are off follow it. */
async function compareGroup(group: readonly Measurement[], engine: Engine, options: Options): Promise<void> {
  const [{ core, config, isa }] = group as [Measurement]
  const cpu = options.cpu ?? modelFor({ core, config })
  if (cpu === undefined) return print([`${core} ${config}`, '(none)', isa])
  const comparisons = await compare(group, options.elf, cpu, engine)
  const errors = comparisons.map(relativeError)
  const off = comparisons.filter((comparison) => relativeError(comparison) > 0)
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  const exact = `${errors.length - off.length}/${errors.length}`
  print([`${core} ${config}`, cpu, isa, engine, exact, percent(Math.max(...errors), 2), percent(mean, 3)])
  off.sort((a, b) => relativeError(b) - relativeError(a))
  for (const comparison of off.slice(0, Number(options.off))) process.stdout.write(`  ${describe(comparison)}\n`)
}

function describe({ program, region, cycles, instructions, simulated }: Comparison): string {
  if (simulated === undefined) return `${program} region ${region}: did not end`
  const counted = simulated.instructions === instructions ? '' : `, ${simulated.instructions} instructions`
  const measured = `measured ${cycles} in ${instructions} instructions`
  return `${program} region ${region}: ${simulated.cycles} cycles${counted}; ${measured}`
}

const WIDTHS = [20, 18, 9, 13, 11, 9, 9]

function print(cells: readonly string[]): void {
  process.stdout.write(
    `${cells
      .map((cell, column) => cell.padEnd(WIDTHS[column]!))
      .join('')
      .trimEnd()}\n`,
  )
}

const command = new Command('bench:timing')
  .description('Compares the timing models of the hart with cycle counts measured on RTL.')
  .option('--csv <file>', 'measurements by region', shared('regions.csv'))
  .option('--elf <folder>', 'holds PROGRAM.ISA.elf for every program', shared('elf'))
  .option('--cpu <model>', 'timing model for all rows; default: the one of the core and configuration')
  .option('--off <n>', 'how many inexact regions to list for each line', '5')
  .action(main)

command.parseAsync().catch((error: unknown) => {
  process.exitCode = reportFailure(error)
})
