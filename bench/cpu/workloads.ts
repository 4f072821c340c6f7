import { fileURLToPath } from 'node:url'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'

/** A benchmark program and how often it repeats its job: 0.3 to 0.6 * 10^9 instructions. */
export interface Workload {
  readonly name: string
  readonly rounds: number
}

export const workloads: readonly Workload[] = [
  { name: 'convolution', rounds: 150 },
  { name: 'dense', rounds: 1000 },
  { name: 'sort_crc', rounds: 2000 },
  { name: 'strings', rounds: 2000 },
  { name: 'bytecode', rounds: 1200 },
  { name: 'recursion', rounds: 800 },
  { name: 'soft_float', rounds: 40_000 },
]

const source = (name: string) => fileURLToPath(new URL(`./workloads/${name}.c`, import.meta.url))

/** Builds a workload for the default SoC, whose memory map QEMU's `virt` machine shares. */
export function buildWorkload({ name, rounds }: Workload, toolchain: Toolchain): Promise<Uint8Array> {
  return buildFirmware(
    {
      sources: [...runtimeSources(['boot', 'hal', 'libc']), source('main'), source(name)],
      includeDirs: [...runtimeIncludeDirs(), fileURLToPath(new URL('./workloads', import.meta.url))],
      generated: new Map([['soc.h', socHeader(defaultSoc)]]),
      linkerScript: linkerScript(defaultSoc),
      defines: { ROUNDS: rounds },
      isa: 'rv32im',
    },
    toolchain,
  )
}
