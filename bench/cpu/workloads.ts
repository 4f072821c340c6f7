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
  /** Folder of its source: `workloads` unless it says otherwise. */
  readonly folder?: string
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

/** How a program prints and ends: by the platform's UART and test finisher, by HTIF, or by system calls. */
export type Console = 'platform' | 'htif' | 'ecall'

const mains: Readonly<Record<Console, string>> = { platform: 'main.c', htif: 'htif_main.c', ecall: 'ecall_main.c' }

/** Guests that a translator may suffer from, for 0.02 to 0.2 * 10^9 instructions. */
export const pathological: readonly Workload[] = [
  { name: 'new_code', rounds: 4000, folder: 'pathological' },
  { name: 'spread_code', rounds: 4000, folder: 'pathological' },
  { name: 'self_modifying', rounds: 500_000, folder: 'pathological' },
  { name: 'near_data', rounds: 1_000_000, folder: 'pathological' },
  { name: 'traps', rounds: 500_000, folder: 'pathological' },
  { name: 'devices', rounds: 2_000_000, folder: 'pathological' },
  { name: 'misaligned', rounds: 10_000, folder: 'pathological' },
  { name: 'targets', rounds: 10_000_000, folder: 'pathological' },
]

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * Builds a workload for the default SoC, whose memory map QEMU's `virt` machine shares. Data begins on a page of its
 * own: QEMU checks every store to a page that holds code, which would be no fair comparison.
 */
export function buildWorkload(
  { name, rounds, folder = 'workloads' }: Workload,
  toolchain: Toolchain,
  console: Console = 'platform',
): Promise<Uint8Array> {
  return buildFirmware(
    {
      sources: [
        ...runtimeSources(['boot', 'hal', 'libc']),
        path(`workloads/${mains[console]}`),
        path(`${folder}/${name}.c`),
      ],
      includeDirs: [...runtimeIncludeDirs(), path('workloads')],
      generated: new Map([['soc.h', socHeader(defaultSoc)]]),
      linkerScript: linkerScript(defaultSoc).replaceAll(/(\.data|\.bss \(NOLOAD\)) : ALIGN\(64\)/g, '$1 : ALIGN(4096)'),
      defines: { ROUNDS: rounds },
      isa: 'rv32im',
    },
    toolchain,
  )
}
