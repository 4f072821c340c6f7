import { join } from 'node:path'
import { acceleratorHeader } from '../sim/accel/c-header.ts'
import { socHeader } from '../sim/soc/c-header.ts'
import { linkerScript } from '../sim/soc/linker-script.ts'
import type { CompiledModel } from './compile.ts'
import { buildFirmware, type FirmwareSources } from './toolchain/build-firmware.ts'
import { runtimeFolder, runtimeIncludeDirs, runtimeSources } from './toolchain/runtime-sources.ts'
import type { Toolchain } from './toolchain/toolchain.ts'

/** All sources of the firmware that `sim infer` runs: model, runtime and a main that invokes the model once. */
export function modelFirmware({ files, soc, accelerator }: CompiledModel): FirmwareSources {
  const generated = new Map(files)
  generated.set('soc.h', socHeader(soc))
  if (accelerator !== undefined) {
    const { description, parameters } = accelerator.hardware
    generated.set('accelerator.h', acceleratorHeader(description, parameters))
  }
  const parts = ['boot', 'hal', 'libc', 'kernels', 'model'] as const
  return {
    sources: [
      ...runtimeSources(accelerator === undefined ? parts : [...parts, 'accel']),
      join(runtimeFolder(), 'harness', 'infer_main.c'),
    ],
    includeDirs: runtimeIncludeDirs(),
    generated,
    linkerScript: linkerScript(soc),
    isa: soc.hart.isa,
  }
}

/**
 * Compiles and links a model's firmware; returns the ELF file.
 * @throws UserError when the toolchain refuses it
 */
export async function buildModel(model: CompiledModel, toolchain: Toolchain): Promise<Uint8Array> {
  return buildFirmware(modelFirmware(model), toolchain)
}
