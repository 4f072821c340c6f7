import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { buildModel, modelFirmware } from '../../compiler/build-model.ts'
import { type CompiledModel, compileModel, type Stage, stages } from '../../compiler/compile.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { UserError } from '../diagnostic.ts'
import { chooseAccelerator } from './choose-accelerator.ts'
import { exitCodesHelp } from './exit-codes.ts'
import { loadSoc } from './load-soc.ts'
import { readInput } from './read-input.ts'
import { writeOutput } from './write-output.ts'

interface Options {
  readonly output?: string
  readonly accelerator?: string
  readonly set: readonly string[]
  readonly soc: string
  readonly toolchain?: string
  readonly emit?: Stage
  readonly json?: boolean
}

const HELP = `
Example:
  sim build model.tflite -o build
  sim build model.tflite --emit schedule

Writes the C of the model and everything that it is built with, and firmware.elf, which invokes the
model once. --emit prints a stage of the compiler instead, or with -o beside: ${stages.join(', ')}.
With --json: one object with files, memory and, with --emit, stage and its text.
`

/** Adds arguments, options and action of `sim build`. */
export function register(command: Command): void {
  command
    .argument('<model>', 'a .tflite file')
    .option('-o, --output <folder>', 'where the files go')
    .option('--accelerator <name>', "name, or none for the CPU alone; default: the SoC's")
    .option('--set <setting>', 'design parameter, e.g. accelerator.rows=32; may be repeated', collect, [])
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .option('--toolchain <name>', 'zig, gcc or clang; default: the first that is there')
    .addOption(new Option('--emit <stage>', 'print this stage; without -o, and stop').choices([...stages]))
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', HELP + exitCodesHelp({ 0: 'the files are written, or the stage is printed' }))
    .action(build)
}

const collect = (value: string, all: readonly string[]) => [...all, value]

async function build(file: string, options: Options): Promise<void> {
  const { emit, output } = options
  if (emit === undefined && output === undefined)
    throw new UserError('output-missing', 'it is not said where the files go', 'add -o FOLDER or --emit STAGE')
  const { soc, target } = await chooseAccelerator(loadSoc(options.soc), options.accelerator, options.set)
  let text = ''
  const to = options.json === true ? (piece: string) => (text += piece) : (piece: string) => process.stdout.write(piece)
  const print = emit && { stage: emit, to }
  const model = compileModel(readInput(file), basename(file), {
    soc,
    ...(target && { target }),
    ...(print && { print }),
  })
  const files = output === undefined ? [] : await write(model, output, options.toolchain)
  const { arena } = model.memory
  const memory = {
    arenaBytes: arena.bytes,
    arenaLowerBoundBytes: arena.lowerBoundBytes,
    readOnlyBytes: model.readOnlyBytes,
  }
  const emitted = emit && { stage: emit, text }
  if (options.json === true) process.stdout.write(`${JSON.stringify({ files, memory, ...emitted })}\n`)
  else if (emit === undefined) process.stdout.write(files.map((path) => `wrote ${path}\n`).join(''))
}

/** Writes generated sources, linker script and firmware; gives their paths. */
async function write(model: CompiledModel, folder: string, toolchain: string | undefined): Promise<string[]> {
  const firmware = modelFirmware(model)
  const elf = await buildModel(model, findToolchain(toolchain))
  const files = [...(firmware.generated ?? []), ['firmware.ld', firmware.linkerScript], ['firmware.elf', elf]] as const
  return files.map(([name, contents]) => {
    const path = join(folder, name)
    writeOutput(path, contents)
    return path
  })
}
