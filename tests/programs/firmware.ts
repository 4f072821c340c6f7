import { fileURLToPath } from 'node:url'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'

const source = (path: string) => fileURLToPath(new URL(`../../programs/${path}`, import.meta.url))

/** Builds a program of `programs/` for the default SoC with the default toolchain. */
export function buildProgram(path: string, isa = 'rv32im_zicsr_zifencei'): Promise<Uint8Array> {
  return buildFirmware(
    {
      sources: [...runtimeSources(['boot', 'hal', 'libc']), source(path)],
      includeDirs: runtimeIncludeDirs(),
      generated: new Map([['soc.h', socHeader(defaultSoc)]]),
      linkerScript: linkerScript(defaultSoc),
      isa,
    },
    findToolchain(),
  )
}

/** A machine with a program of `programs/` loaded. */
export async function bootProgram(path: string, options: MachineOptions = {}): Promise<Machine> {
  const machine = new Machine(defaultSoc, options)
  machine.load(await loadElf(await buildProgram(path, options.isa), path))
  return machine
}
