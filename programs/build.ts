/** Builds the programs of this folder, and folders of others: `npx tsx programs/build.ts hello hello.elf`. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildFirmware } from '../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../compiler/toolchain/find-toolchain.ts'
import { runtimeFolder, runtimeIncludeDirs, runtimeSources } from '../compiler/toolchain/runtime-sources.ts'
import { scratchFolder } from '../compiler/toolchain/scratch-folder.ts'
import { acceleratorViews } from '../sim/cli/accelerator-views.ts'
import { loadSoc } from '../sim/cli/load-soc.ts'
import { reportFailure } from '../sim/cli/report-failure.ts'
import { writeOutput } from '../sim/cli/write-output.ts'
import { UserError } from '../sim/diagnostic.ts'
import { socHeader } from '../sim/soc/c-header.ts'
import { findBlock, type SocDescription } from '../sim/soc/description.ts'
import { linkerScript } from '../sim/soc/linker-script.ts'
import { type ProgramRow, programs } from './programs.ts'

const HOSTED_COMPILER = 'riscv64-unknown-elf-gcc'
const HOSTED_STACK_BYTES = 0x4000

/** Path of a file in a program's folder. */
export const programFile = (name: string, file: string) => join(dirname(runtimeFolder()), 'programs', name, file)

/** The SoC that a program is for: the default one, or that of its soc.json. */
export const programSoc = (name: string): SocDescription => folderSoc(programFile(name, ''))

function folderSoc(folder: string): SocDescription {
  const file = join(folder, 'soc.json')
  return loadSoc(existsSync(file) ? file : 'default')
}

/**
 * Builds a program.
 *
 * @param isa instead of that of its SoC
 * @throws UserError when it does not build or the toolchain is missing
 */
export async function buildProgram(row: ProgramRow, isa?: string): Promise<Uint8Array> {
  const folder = programFile(row.name, '')
  if (row.picolibc === true) return buildHosted(sourcesIn(folder), programSoc(row.name))
  return build(folder, row.accelerator === true, isa)
}

/**
 * Builds the firmware whose sources are all .c and .S files of a folder; it is for the SoC of its soc.json, where it has one.
 *
 * @throws UserError when it has no sources or does not build, or the toolchain is missing
 */
export async function buildFolder(folder: string): Promise<Uint8Array> {
  if (sourcesIn(folder).length === 0) {
    const message = 'there is no .c or .S file in this folder'
    throw new UserError('program-empty', message, 'name the folder of the sources', { file: folder })
  }
  return build(
    folder,
    folderSoc(folder).blocks.some(({ kind }) => kind === 'accelerator'),
  )
}

function sourcesIn(folder: string): string[] {
  const own = readdirSync(folder).filter((file) => /\.[cS]$/.test(file))
  return own.sort().map((file) => join(folder, file))
}

async function build(folder: string, accelerator: boolean, isa?: string): Promise<Uint8Array> {
  const soc = folderSoc(folder)
  const parts = ['boot', 'hal', 'libc'] as const
  const headers = Object.entries(await acceleratorViews(soc)).map(
    ([name, { header }]) => [`${name}.h`, header] as const,
  )
  return buildFirmware(
    {
      sources: [...runtimeSources(accelerator ? [...parts, 'accel'] : parts), ...sourcesIn(folder)],
      includeDirs: runtimeIncludeDirs(),
      generated: new Map([['soc.h', socHeader(soc)], ...headers]),
      linkerScript: linkerScript(soc),
      isa: isa ?? soc.hart.isa,
    },
    findToolchain(),
  )
}

/** Whether this machine has the compiler and the library of hosted programs. */
export function canBuildHosted(): boolean {
  const args = ['--specs=picolibc.specs', '-march=rv32im', '-mabi=ilp32', '-E', '-x', 'c', '/dev/null']
  return spawnSync(HOSTED_COMPILER, args).status === 0
}

/** An ordinary C program: picolibc's own start-up code and linker script, with half of the RAM for code. */
function buildHosted(sources: readonly string[], soc: SocDescription): Uint8Array {
  const folder = scratchFolder()
  const output = join(folder, 'program.elf')
  const { base, size } = findBlock(soc, 'ram')!
  const half = size / 2
  const places = { flash: base, flash_size: half, ram: base + half, ram_size: half, stack_size: HOSTED_STACK_BYTES }
  const symbols = Object.entries(places).map(([name, value]) => `-Wl,--defsym=__${name}=${value}`)
  const libc = ['--specs=picolibc.specs', '--oslib=semihost', '--crt0=semihost']
  const target = ['-march=rv32im', '-mabi=ilp32', '-O2', '-g', '-Wall', '-Wextra', '-Werror']
  const root = `${dirname(runtimeFolder())}/`
  try {
    const { status, stderr, error } = spawnSync(HOSTED_COMPILER, [
      ...libc,
      ...target,
      `-fdebug-prefix-map=${root}=`,
      ...symbols,
      ...sources,
      '-o',
      output,
    ])
    if (status === 0) return readFileSync(output)
    const why = error === undefined ? String(stderr).split('\n')[0] : `${HOSTED_COMPILER} is not installed`
    throw new UserError(
      'hosted-build',
      `the program does not build (${why})`,
      'install gcc-riscv64-unknown-elf and picolibc',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

async function main([name = '', output = `${basename(resolve(name))}.elf`]: readonly string[]): Promise<void> {
  const row = programs.find((program) => program.name === name)
  if (row !== undefined) return writeOutput(output, await buildProgram(row))
  if (name !== '' && isFolder(name)) return writeOutput(output, await buildFolder(resolve(name)))
  const names = programs.map((program) => program.name).join(', ')
  const message = name === '' ? 'it is not said which program to build' : `there is no program or folder '${name}'`
  throw new UserError('program-unknown', message, `name a folder of sources, or one of ${names}`)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}
