/** Firmware to compare the engines on: the programs of `programs/`, and models for the CPU and for the accelerator. */
import { buildModel } from '../../compiler/build-model.ts'
import { compileModel } from '../../compiler/compile.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { buildProgram, canBuildHosted, programSoc } from '../../programs/build.ts'
import { programs } from '../../programs/programs.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { SocDescription } from '../../sim/soc/description.ts'
import { digitsModel, sharedModel } from '../end-to-end/shared-models.ts'
import { programInput } from '../programs/firmware.ts'

export interface Firmware {
  readonly name: string
  readonly soc: SocDescription
  readonly elf: Uint8Array
  /** What it is given on its console. */
  readonly input: Uint8Array
}

/** Every program that this machine can build. */
export async function programFirmware(): Promise<Firmware[]> {
  const buildable = programs.filter(({ picolibc }) => picolibc !== true || canBuildHosted())
  return Promise.all(
    buildable.map(async (row) => {
      const { name } = row
      return { name, soc: programSoc(name), elf: await buildProgram(row), input: programInput(name) }
    }),
  )
}

/** Our own model, and shared ones by name as far as they are there, each for the CPU alone and for the accelerator. */
export async function modelFirmware(names: readonly string[]): Promise<Firmware[]> {
  const models = [digitsModel(), ...names.map(sharedModel)].filter((model) => model !== undefined)
  const all: Firmware[] = []
  for (const { bytes, name } of models) {
    for (const accelerator of ['none', 'cnn']) {
      const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
      const model = compileModel(bytes, name, { soc, ...(target && { target }) })
      const elf = await buildModel(model, findToolchain())
      all.push({ name: `${name} (${accelerator})`, soc: model.soc, elf, input: new Uint8Array(0) })
    }
  }
  return all
}
