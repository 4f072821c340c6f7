import { basename, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type NpyArray, readNpy, writeNpy } from '../../compiler/io/npy.ts'
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { type Engine, engines } from '../machine.ts'
import { chooseAccelerator } from './choose-accelerator.ts'
import { formatReport } from './format-report.ts'
import { type InferReport, inferModel } from './infer-model.ts'
import { addInjectOptions, type InjectArguments, machineFaults, sayIdle } from './inject-options.ts'
import { loadSoc } from './load-soc.ts'
import type { SessionOptions } from './open-session.ts'
import { readInput } from './read-input.ts'
import { addSanitizeOption, exitCodeWith, openSanitizer } from './sanitize-options.ts'
import { addTraceOptions, openTrace, type TraceArguments } from './trace-options.ts'
import { writeOutput } from './write-output.ts'

interface Options extends TraceArguments, InjectArguments {
  readonly input: readonly string[]
  readonly expect: readonly string[]
  readonly accelerator?: string
  readonly set: readonly string[]
  readonly soc: string
  readonly cpu?: string
  readonly engine: Engine
  readonly toolchain?: string
  readonly samples?: number
  readonly output?: string
  readonly debugLayers?: boolean
  readonly sanitize?: string
  readonly report?: string
  readonly profile?: boolean
  readonly json?: boolean
}

const HELP = `
Example:
  sim infer model.tflite --input images.npy --expect scores.npy
  sim infer model.tflite --input images.npy --accelerator none --samples 1 --json
  sim infer model.tflite --input images.npy --profile

Compiles the model, runs its firmware on the simulated SoC once for each sample, and compares every
output byte with --expect, or without it with the reference interpreter. A model with several inputs
or outputs takes several --input or --expect.

Exit codes:
  0     all outputs are equal
  1     an output differs
  123   all outputs are equal, but --sanitize has findings
  125   something was refused: the model, an array, an option
  70    an internal error: a fault of the simulator, please report it
`

const collect = (value: string, all: readonly string[]) => [...all, value]

/** Adds arguments, options and action of `sim infer`. */
export function register(command: Command): void {
  command
    .argument('<model>', 'a .tflite file')
    .requiredOption('--input <npy>', 'samples along the first axis; once for each input', collect, [])
    .option('--expect <npy>', 'what the outputs must be; once for each output', collect, [])
    .option('--accelerator <name>', "name, or none for the CPU alone; default: the SoC's")
    .option('--set <setting>', 'design parameter, e.g. accelerator.rows=32; may be repeated', collect, [])
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .option('--cpu <model>', "timing model of the hart; default: the SoC's")
    .addOption(new Option('--engine <engine>', 'how code is run').choices(engines).default('auto'))
    .option('--toolchain <name>', 'zig, gcc or clang; default: the first that is there')
    .option('--samples <n>', 'run only the first n samples', count)
    .option('--output <folder>', 'write the outputs there as .npy files')
    .option(
      '--debug-layers',
      'compare every layer with the reference and name the first that differs; every tensor is kept in RAM for that, so cycles are not those of the network',
    )
    .option('--profile', 'say where the cycles of each layer went, and what holds it up')
    .option('--report <file>', 'write a report: a page that works by itself, or with .json its data')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', HELP)
    .action(infer)
  addSanitizeOption(command)
  addInjectOptions(command)
  addTraceOptions(command)
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

const load = (file: string) => ({ name: file, array: readNpy(readInput(file), file) })

async function infer(file: string, options: Options): Promise<void> {
  const { samples, cpu, engine, debugLayers } = options
  const { soc, target } = await chooseAccelerator(loadSoc(options.soc), options.accelerator, options.set)
  const sanitizer = await openSanitizer(options.sanitize, soc)
  // Before any output is opened: those know then what not to replace, and none is left over from what is refused here.
  const [bytes, name] = [readInput(file), basename(file)]
  const [inputs, expected] = [options.input.map(load), options.expect.map(load)]
  const faults = await machineFaults(options)
  const trace = await openTrace(options, soc, { cpu })
  const platform = {
    soc,
    engine,
    toolchain: findToolchain(options.toolchain),
    ...(target && { target }),
    ...(cpu === undefined ? {} : { cpu }),
  }
  const { report, outputs, typical, idleFaults } = await inferModel(bytes, name, {
    ...platform,
    ...faults,
    ...(sanitizer && { probes: () => [sanitizer.probe] }),
    inputs,
    expected,
    ...(samples === undefined ? {} : { samples }),
    ...(debugLayers === undefined ? {} : { debugLayers }),
  })
  for (const sentence of report.injected ?? []) process.stderr.write(`sim: injected in ${sentence}\n`)
  sayIdle(options, idleFaults)
  const written = options.output === undefined ? [] : writeOutputs(options.output, outputs)
  if (options.report !== undefined) {
    const { reportInference } = await import('./report-inference.ts')
    const { writeReport } = await import('./write-report.ts')
    const command = ['sim', ...process.argv.slice(2)]
    const data = await reportInference({ bytes, name, report, inputs: typical, command }, platform)
    await writeReport(options.report, data)
  }
  const profile = options.profile === true ? await profileOf(bytes, name, typical, platform) : undefined
  if (trace !== undefined) {
    const { traceInference } = await import('./trace-inference.ts')
    await traceInference(bytes, name, typical, platform, trace)
  }
  const found = sanitizer?.finish()
  const text =
    options.json === true
      ? `${JSON.stringify({ ...report, ...found, ...(profile && { profile: profile.profile }), outputs: written })}\n`
      : human(report, [...written, ...(options.report === undefined ? [] : [options.report])])
  process.stdout.write(options.json === true ? text : `${text}${profile?.text ?? ''}`)
  process.exitCode = exitCodeWith(found, report.match && report.firstDifference === undefined ? 0 : 1)
}

async function profileOf(bytes: Uint8Array, name: string, inputs: readonly TensorData[], platform: SessionOptions) {
  const { profileInference } = await import('./profile-inference.ts')
  const { formatInferenceProfile } = await import('./format-inference-profile.ts')
  const profile = await profileInference(bytes, name, inputs, platform)
  return { profile, text: `\n${formatInferenceProfile(profile)}` }
}

function writeOutputs(folder: string, outputs: readonly NpyArray[]): string[] {
  return outputs.map((array, i) => {
    const path = join(folder, outputs.length === 1 ? 'outputs.npy' : `outputs_${i}.npy`)
    writeOutput(path, writeNpy(array))
    return path
  })
}

function human(report: InferReport, written: readonly string[]): string {
  return [formatReport(report), ...written.map((path) => `wrote ${path}\n`)].join('')
}
