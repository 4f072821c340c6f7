/** C sources to firmware whose functions a test can call. */
import { resolve } from 'node:path'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import { acceleratorViews } from '../cli/accelerator-views.ts'
import { socHeader } from '../soc/c-header.ts'
import { linkerScript } from '../soc/linker-script.ts'
import { type Firmware, inOneSentence, loadFirmware, type PlatformOptions, settleSoc } from './firmware.ts'

export interface SourceOptions extends PlatformOptions {
  /** Paths of .c and .S files. */
  readonly sources?: readonly string[]
  /** Files that exist only here, by name: .c and .S files are compiled, the others can be included. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly includeDirs?: readonly string[]
  readonly defines?: Readonly<Record<string, string | number>>
  /** Adds the int8 kernels that generated firmware calls; their names are taken then. */
  readonly kernels?: boolean
  /** `zig`, `gcc` or `clang`; default: the first that is there. */
  readonly toolchain?: string
}

/** Functions are what is tested, so the program around them does nothing, unless the sources have a main. */
const MAIN = 'int main(void);\n__attribute__((weak)) int main(void)\n{\n  return 0;\n}\n'

/**
 * Compiles C together with the runtime (start-up code, drivers) for a SoC, and loads it. Nothing is
 * dropped, so every function that is not static can be called, those of the runtime too.
 *
 * @throws Error when the toolchain refuses it
 */
export function compileFirmware(options: SourceOptions): Promise<Firmware> {
  return inOneSentence(() => compile(options))
}

async function compile(options: SourceOptions): Promise<Firmware> {
  const { sources = [], files = {}, includeDirs = [], defines } = options
  const soc = await settleSoc(options)
  const header = Object.values(await acceleratorViews(soc))[0]?.header
  const generated = {
    'soc.h': socHeader(soc),
    ...(header && { 'accelerator.h': header }),
    'main_stub.c': MAIN,
    ...files,
  }
  const parts = runtimeSources(['boot', 'hal', 'libc'])
  const accelerator = header === undefined ? [] : runtimeSources(['accel'])
  const kernels = options.kernels === true ? runtimeSources(['kernels']) : []
  const elf = await buildFirmware(
    {
      sources: [...parts, ...accelerator, ...kernels, ...sources.map((path) => resolve(path))],
      includeDirs: [...runtimeIncludeDirs(), ...includeDirs.map((path) => resolve(path))],
      generated: new Map(Object.entries(generated)),
      linkerScript: linkerScript(soc),
      isa: options.isa ?? soc.hart.isa,
      ...(defines && { defines }),
    },
    keepingAll(findToolchain(options.toolchain)),
  )
  return loadFirmware(elf, { ...options, soc })
}

function keepingAll(toolchain: Toolchain): Toolchain {
  const linkFlags = toolchain.linkFlags.map((flag) => flag.replace('--gc-sections', '--no-gc-sections'))
  return { ...toolchain, linkFlags }
}
