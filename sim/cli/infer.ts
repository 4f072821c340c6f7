import { basename, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type NpyArray, readNpy, writeNpy } from '../../compiler/io/npy.ts'
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { type Engine, engines } from '../machine.ts'
import { checkOutputs } from './check-outputs.ts'
import { chooseAccelerator } from './choose-accelerator.ts'
import { type ExitCodes, exitCodesHelp } from './exit-codes.ts'
import { formatReport } from './format-report.ts'
import { type InferReport, type InferResult, inferModel } from './infer-model.ts'
import { asFailure, InferenceFailure } from './inference-failure.ts'
import { addInjectOptions, type InjectArguments, machineFaults, sayIdle } from './inject-options.ts'
import { loadSoc } from './load-soc.ts'
import type { SessionOptions } from './open-session.ts'
import { readInput } from './read-input.ts'
import { errorObject, writeError } from './report-failure.ts'
import { addSanitizeOption, exitCodeWith, type OpenSanitizer, openSanitizer } from './sanitize-options.ts'
import { addTraceOptions, type OpenTrace, openTrace, type TraceArguments } from './trace-options.ts'
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
  readonly maxCycles?: number
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
`

const exitCodes: ExitCodes = {
  0: 'all outputs are equal',
  1: 'an output differs',
  123: 'all outputs are equal, but --sanitize has findings',
  124: 'the firmware reached --max-cycles',
  126: 'the firmware did not come to its end: a trap, a deadlock, or an error that it told',
}

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
    .option('--max-cycles <n>', 'give an inference up after so many cycles since reset', count)
    .option('--output <folder>', 'write the outputs there as .npy files')
    .option(
      '--debug-layers',
      'compare every layer with the reference and name the first that differs; every tensor is kept in RAM for that, so cycles are not those of the network',
    )
    .option('--profile', 'say where the cycles of each layer went, and what holds it up')
    .option('--report <file>', 'write a report: a page that works by itself, or with .json its data')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', HELP + exitCodesHelp(exitCodes))
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
  const { samples, cpu, engine, maxCycles, debugLayers } = options
  const { soc, target } = await chooseAccelerator(loadSoc(options.soc), options.accelerator, options.set)
  const sanitizer = await openSanitizer(options.sanitize, soc)
  // Before any output is opened: those know then what not to replace, and none is left over from what is refused here.
  const [bytes, name] = [readInput(file), basename(file)]
  const [inputs, expected] = [options.input.map(load), options.expect.map(load)]
  checkOutputs([
    ['--trace', options.trace === '-' ? undefined : options.trace],
    ['--report', options.report],
  ])
  const faults = await machineFaults(options)
  const trace = await openTrace(options, soc, { cpu })
  const platform = {
    soc,
    engine,
    toolchain: findToolchain(options.toolchain),
    ...faults,
    ...(target && { target }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(maxCycles === undefined ? {} : { maxCycles }),
  }
  const outcome = await inferModel(bytes, name, {
    ...platform,
    ...(sanitizer && { probes: () => [sanitizer.probe] }),
    inputs,
    expected,
    ...(samples === undefined ? {} : { samples }),
    ...(debugLayers === undefined ? {} : { debugLayers }),
  }).catch(asFailure)
  const asked = { bytes, name, options, platform, trace, sanitizer }
  await (outcome instanceof InferenceFailure ? tellFailure(outcome, asked) : tellResult(outcome, asked))
}

/** What a command line asks for, and of what. */
interface Asked {
  readonly bytes: Uint8Array
  readonly name: string
  readonly options: Options
  readonly platform: SessionOptions
  readonly trace: OpenTrace | undefined
  readonly sanitizer: OpenSanitizer | undefined
}

async function tellResult({ report, outputs, typical, idleFaults }: InferResult, asked: Asked): Promise<void> {
  const { bytes, name, options, platform, sanitizer } = asked
  sayInjected(report.injected)
  sayIdle(options, idleFaults)
  const written = options.output === undefined ? [] : writeOutputs(options.output, outputs)
  await repeat(typical, asked, report)
  const profile = options.profile === true ? await profileOf(bytes, name, typical, platform) : undefined
  const found = sanitizer?.finish()
  const text =
    options.json === true
      ? `${JSON.stringify({ ...report, ...found, ...(profile && { profile: profile.profile }), outputs: written })}\n`
      : human(report, [...written, ...recorded(options)])
  process.stdout.write(options.json === true ? text : `${text}${profile?.text ?? ''}`)
  process.exitCode = exitCodeWith(found, report.match && report.firstDifference === undefined ? 0 : 1)
}

/** Of firmware that failed everything is told that there is: what was found, and the run up to where it stopped. */
async function tellFailure(failure: InferenceFailure, asked: Asked): Promise<void> {
  const { options, platform, sanitizer } = asked
  const { inputs, result, injected, idleFaults } = failure.run
  // Those of the sample that failed stand in its sentence.
  sayInjected(injected.filter((text) => !text.startsWith(`${failure.place.at},`)))
  sayIdle(options, idleFaults)
  const found = sanitizer?.finish(result)
  process.stderr.write(`sim: ${failure.render()}\n`)
  if (options.profile === true) {
    const instead = 'see with --report or --trace how far it has come'
    process.stderr.write(`sim: there is no profile of an inference that did not come to its end; ${instead}\n`)
  }
  const keepAll = options.debugLayers === true
  await repeat(inputs, { ...asked, platform: { ...platform, keepAll } })
  const more = { run: result, ...(options.inject && { injected }), ...found }
  if (options.json === true) writeError(errorObject(failure), more)
  else process.stdout.write(recorded(options).map(wrote).join(''))
  process.exitCode = failure.exitCode
}

function sayInjected(sentences: readonly string[] = []): void {
  for (const sentence of sentences) process.stderr.write(`sim: injected in ${sentence}\n`)
}

/** Runs a sample once more for what follows a single run. */
async function repeat(
  inputs: readonly TensorData[],
  { bytes, name, options, platform, trace }: Asked,
  report?: InferReport,
): Promise<void> {
  if (options.report !== undefined) {
    const { reportInference } = await import('./report-inference.ts')
    const { writeReport } = await import('./write-report.ts')
    const command = ['sim', ...process.argv.slice(2)]
    const data = await reportInference({ bytes, name, inputs, command, ...(report && { report }) }, platform)
    await writeReport(options.report, data)
  }
  if (trace !== undefined) {
    const { traceInference } = await import('./trace-inference.ts')
    await traceInference(bytes, name, inputs, platform, trace)
  }
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

/** Files that follow the sample which runs once more; a log on stderr is none. */
const recorded = ({ report, trace }: Options): string[] =>
  [report, trace === '-' ? undefined : trace].filter((file) => file !== undefined)

const wrote = (path: string) => `wrote ${path}\n`

function human(report: InferReport, written: readonly string[]): string {
  return [formatReport(report), ...written.map(wrote)].join('')
}
