/**
 * `npm run test:lockstep`: both engines over many programs, stopped at random points and compared.
 *
 *  1. Random programs on every timing model in turn (`--programs N`, `--seed S`).
 *  2. The timing programs, on every timing model.
 *  3. The programs of `programs/`, and the firmware of models for the CPU and for the accelerator.
 *
 * ELF files named as arguments run instead, on the default SoC.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { timingModels } from '../../sim/cpu/timing/models.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { sharedPath } from '../shared.ts'
import { compareEngines, type LockstepResult } from './compare-engines.ts'
import { type Firmware, modelFirmware, programFirmware } from './firmware.ts'
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

/** On three timing models, with everything translated that can be, and with what usually is. */
async function compareFirmware(all: readonly Firmware[], span: number): Promise<void> {
  for (const { name, elf, soc, input } of all) {
    const image = await loadElf(elf, name)
    for (const cpu of ['ideal', 'ibex-maxperf', 'cv32e40p']) {
      const make = await firmwareMachines(image, cpu, { soc, input })
      for (const engine of ['translator', 'auto'] as const) {
        attempt(`${name} on ${cpu}, ${engine}`, () =>
          compareEngines({ make, engine, random: new Random(seed), instructions: 60e6, span }),
        )
      }
    }
  }
}

const files = process.argv.slice(2).filter((argument) => argument.endsWith('.elf'))
if (files.length > 0) {
  const input = new Uint8Array(0)
  const all = files.map((file) => ({ name: basename(file), soc: defaultSoc, elf: readFileSync(file), input }))
  await compareFirmware(all, 300_000)
} else {
  comparePrograms()
  await compareTimingPrograms()
  await compareFirmware(await programFirmware(), 5000)
  await compareFirmware(await modelFirmware(['hello_world', 'kws_dscnn']), 1_000_000)
}
const { runs, stops, instructions, modules, differences } = total
console.log(
  `${runs} runs, ${stops} stops, ${instructions} instructions, ${modules} modules: ${differences} differences`,
)
process.exitCode = differences === 0 ? 0 : 1
