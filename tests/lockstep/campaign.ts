/**
 * `npm run test:lockstep`: both engines over many programs, stopped at random points and compared. Random programs on
 * every timing model in turn (`--programs N`, `--seed S`), then the timing programs on every timing model. ELF files
 * named as arguments, such as firmware of whole models, run instead on the default SoC with its accelerator.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { timingModels } from '../../sim/cpu/timing/models.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { sharedPath } from '../shared.ts'
import { compareEngines, type LockstepResult } from './compare-engines.ts'
import { firmwareMachines, imageMachines, randomMachines } from './machines.ts'
import { Random } from './random.ts'

const option = (name: string, otherwise: number) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const programs = option('--programs', 400)
const seed = option('--seed', 1)
const total = { runs: 0, stops: 0, instructions: 0, modules: 0, differences: 0 }

function attempt(what: string, run: () => LockstepResult): void {
  try {
    const { stops, instructions, modules } = run()
    total.runs++
    total.stops += stops
    total.instructions += instructions
    total.modules += modules
  } catch (error) {
    total.differences++
    console.log(`${what}: ${(error as Error).message}`)
  }
}

const INSTRUCTIONS = 60_000

function comparePrograms(): void {
  for (let n = 0; n < programs; n++) {
    const { name } = timingModels[n % timingModels.length]!
    attempt(`random program ${seed + n} on ${name}`, () => {
      const random = new Random(seed + n)
      const span = random.pick([20, 300, 4000, 40_000])
      return compareEngines({ make: randomMachines(random, name), random, instructions: INSTRUCTIONS, span })
    })
  }
}

async function compareTimingPrograms(): Promise<void> {
  const folder = sharedPath('timing/elf')
  if (folder === undefined) console.log('../shared/timing/elf is not there: its programs are left out')
  for (const file of folder === undefined ? [] : readdirSync(folder)) {
    const image = await loadElf(readFileSync(join(folder!, file)), file)
    for (const { name } of timingModels) {
      attempt(`${file} on ${name}`, () => {
        const random = new Random(seed)
        return compareEngines({ make: imageMachines(image, name), random, instructions: 1e6, span: 5000 })
      })
    }
  }
}

async function compareFirmware(files: readonly string[]): Promise<void> {
  const accelerators = await acceleratorFactories(defaultSoc)
  for (const file of files) {
    const image = await loadElf(readFileSync(file), file)
    for (const cpu of ['ideal', 'ibex-maxperf', 'cv32e40p']) {
      attempt(`${file} on ${cpu}`, () => {
        const make = firmwareMachines(image, cpu, accelerators)
        return compareEngines({ make, random: new Random(seed), instructions: 30e6, span: 300_000 })
      })
    }
  }
}

const files = process.argv.slice(2).filter((argument) => argument.endsWith('.elf'))
if (files.length > 0) await compareFirmware(files)
else {
  comparePrograms()
  await compareTimingPrograms()
}
const { runs, stops, instructions, modules, differences } = total
console.log(
  `${runs} runs, ${stops} stops, ${instructions} instructions, ${modules} modules: ${differences} differences`,
)
process.exitCode = differences === 0 ? 0 : 1
