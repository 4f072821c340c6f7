/** Runs measured programs on the platform and sets its cycle counts beside those of the RTL. */
import { join } from 'node:path'
import { readInput } from '../../sim/cli/read-input.ts'
import { timingModels } from '../../sim/cpu/timing/models.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { type Engine, Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { Measurement } from './measurements.ts'

/** A measured region and what the platform says about it. */
export interface Comparison extends Measurement {
  /** Counts of the platform; undefined when the region did not end there. */
  readonly simulated: { readonly cycles: number; readonly instructions: number } | undefined
}

/** Configurations that are not simply called like their model. */
const models: Readonly<Record<string, string>> = {
  'ibex-small': 'ibex',
  'cv32e40p-default': 'cv32e40p',
  'picorv32-fast': 'picorv32',
  'picorv32-fast-ws1': 'picorv32-ws1',
}

/** Name of the timing model for a core's configuration: `core-config` or `core`; undefined when there is none. */
export function modelFor({ core, config }: Pick<Measurement, 'core' | 'config'>): string | undefined {
  const candidates = [models[`${core}-${config}`], `${core}-${config}`, core]
  return candidates.find((name) => timingModels.some((model) => model.name === name))
}

/**
 * Compares every measurement with a run of its program; a program runs once for all its regions.
 *
 * @param elfFolder holds `PROGRAM.ISA.elf`
 * @param cpu the timing model for all of them
 * @param engine what runs them; the counts must not depend on it
 */
export async function compare(
  measurements: readonly Measurement[],
  elfFolder: string,
  cpu: string,
  engine: Engine,
): Promise<Comparison[]> {
  const runs = new Map<string, ReturnType<typeof regionsOf>>()
  const comparisons: Comparison[] = []
  for (const measurement of measurements) {
    const { program, isa, region } = measurement
    const name = `${program}.${isa}.elf`
    const run = runs.get(name) ?? regionsOf(join(elfFolder, name), { isa: `${isa}_zicsr_zifencei`, cpu, engine })
    runs.set(name, run)
    comparisons.push({ ...measurement, simulated: (await run).find(({ id }) => id === region) })
  }
  return comparisons
}

async function regionsOf(path: string, options: MachineOptions) {
  const image = await loadElf(readInput(path), path)
  const machine = new Machine(defaultSoc, { ...options, misaligned: 'hardware' })
  machine.load(image)
  return machine.run({ maxInstructions: MAX_INSTRUCTIONS }).regions
}

/** Ends a program that got lost. */
const MAX_INSTRUCTIONS = 50_000_000

/** How far the platform is off, as a fraction of the measured cycles; all of it when the region did not end. */
export function relativeError({ cycles, simulated }: Comparison): number {
  return simulated === undefined ? 1 : Math.abs(simulated.cycles - cycles) / cycles
}
