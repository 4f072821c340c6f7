import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import { type Toolchain, type ToolchainName, toolchainNames } from '../../compiler/toolchain/toolchain.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'

/** The toolchains of this machine. */
export const installedToolchains: readonly Toolchain[] = toolchainNames.flatMap((name) => find(name))

function find(name: ToolchainName): Toolchain[] {
  try {
    return [findToolchain(name)]
  } catch {
    console.warn(`tests with the toolchain ${name} are skipped: it is not installed`)
    return []
  }
}

export type RuntimePart = Exclude<Parameters<typeof runtimeSources>[0], undefined>[number]

/** Builds `main` (and other files) with parts of the runtime. */
export function build(
  toolchain: Toolchain,
  files: Readonly<Record<string, string | Uint8Array>>,
  parts: readonly RuntimePart[],
  soc = defaultSoc,
) {
  return buildFirmware(
    {
      sources: runtimeSources(parts),
      includeDirs: runtimeIncludeDirs(),
      generated: new Map(Object.entries({ 'soc.h': socHeader(soc), ...files })),
      linkerScript: linkerScript(soc),
      isa: soc.hart.isa,
    },
    toolchain,
  )
}

/** Puts a firmware on the default SoC. */
export async function boot(elf: Uint8Array, options: MachineOptions = {}): Promise<Machine> {
  const machine = new Machine(defaultSoc, options)
  machine.load(await loadElf(elf, 'firmware.elf'))
  return machine
}

/** Builds a program and runs it to its end on the default SoC. */
export async function run(toolchain: Toolchain, main: string, parts: readonly RuntimePart[] = ['boot', 'hal', 'libc']) {
  const machine = await boot(await build(toolchain, { 'main.c': main }, parts))
  return { machine, result: machine.run({ maxInstructions: 50_000_000 }) }
}
