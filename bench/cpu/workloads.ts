import { fileURLToPath } from 'node:url'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'

/** A benchmark program and how often it repeats its job for about 0.3 * 10^9 instructions. */
export interface Workload {
  readonly name: string
  readonly rounds: number
}

export const workloads: readonly Workload[] = [
  { name: 'convolution', rounds: 220 },
  { name: 'dense', rounds: 560 },
  { name: 'sort_crc', rounds: 2200 },
  { name: 'strings', rounds: 1500 },
  { name: 'mixed', rounds: 9900 },
  { name: 'bytecode', rounds: 460 },
  { name: 'recursion', rounds: 2600 },
  { name: 'soft_float', rounds: 27_000 },
]

const source = (name: string) => fileURLToPath(new URL(`./workloads/${name}.c`, import.meta.url))

/**
 * Builds a workload for the default SoC, whose memory map QEMU's `virt` machine shares. Data begins on a page of its
 * own: QEMU checks every store to a page that holds code, which would be no fair comparison.
 */
export function buildWorkload({ name, rounds }: Workload, toolchain: Toolchain): Promise<Uint8Array> {
  return buildFirmware(
    {
      sources: [...runtimeSources(['boot', 'hal', 'libc']), source('main'), source(name)],
      includeDirs: [...runtimeIncludeDirs(), fileURLToPath(new URL('./workloads', import.meta.url))],
      generated: new Map([['soc.h', socHeader(defaultSoc)]]),
      linkerScript: linkerScript(defaultSoc).replaceAll(/(\.data|\.bss \(NOLOAD\)) : ALIGN\(64\)/g, '$1 : ALIGN(4096)'),
      defines: { ROUNDS: rounds },
      isa: 'rv32im',
    },
    toolchain,
  )
}
