import { type Command, InvalidArgumentError, Option } from 'commander'
import { countOf } from '../count-of.ts'
import { UserError } from '../diagnostic.ts'
import type { ElfImage } from '../elf/image.ts'
import { loadElf } from '../elf/load.ts'
import { type Engine, engines, Machine, type MachineOptions } from '../machine.ts'
import type { RunLimits, RunResult } from '../run-result.ts'
import { acceleratorFactories } from './accelerator-factories.ts'
import { type FlatBinary, loadFlat, parseFlat, withDeviceTree } from './boot-images.ts'
import { checkOutputs, type Output } from './check-outputs.ts'
import { type ExitCodes, exitCodesHelp } from './exit-codes.ts'
import { openGuestInput } from './guest-input.ts'
import { addInjectOptions, type InjectArguments, machineFaults, sayIdle } from './inject-options.ts'
import { loadSoc } from './load-soc.ts'
import { addProfileOptions, openProfile, type ProfileArguments } from './profile-options.ts'
import { readInput } from './read-input.ts'
import { addSanitizeOption, exitCodeWith, openSanitizer } from './sanitize-options.ts'
import { signatureRegion, writeSignature } from './signature.ts'
import { parseSnapshotAt, runTakingSnapshots, type SnapshotRequest } from './snapshot-requests.ts'
import { addTraceOptions, openTrace, type TraceArguments } from './trace-options.ts'

interface RunOptions extends TraceArguments, InjectArguments, ProfileArguments {
  readonly soc: string
  readonly isa?: string
  readonly cpu?: string
  readonly engine: Engine
  readonly misaligned?: 'trap' | 'hardware'
  readonly maxCycles?: number
  readonly maxInstructions?: number
  readonly snapshotAt?: readonly SnapshotRequest[]
  readonly restore?: string
  readonly gdb?: number
  readonly load?: readonly FlatBinary[]
  readonly dtb?: boolean
  readonly stdin?: string
  readonly semihostingRoot?: string
  readonly args?: string
  readonly signature?: string
  readonly sanitize?: string
  readonly json?: boolean
}

const HELP = `
Example:
  sim run firmware.elf --max-cycles 1000000 --json

  echo hello | sim run echo.elf
  sim run --load 0x80000000:boot.bin --dtb

Without --json the guest's console goes to stdout, the summary to stderr.
`

const exitCodes: ExitCodes = {
  "the guest's own": 'it ended by test finisher, exit marker, tohost or semihosting',
  123: 'it ended with 0, but --sanitize has findings',
  124: 'a limit was reached',
  126: 'an unhandled trap or a deadlock ended the run',
}

/** Adds arguments, options and action of `sim run`. */
export function register(command: Command): void {
  command
    .argument('[elf]', 'firmware, linked for the SoC')
    .option('--soc <name|file>', 'the SoC: a name, or a JSON file with its description', 'default')
    .option('--isa <isa>', "instruction set, e.g. rv32imc; default: the SoC's")
    .option('--cpu <model>', "timing model of the hart; default: the SoC's")
    .addOption(new Option('--engine <engine>', 'how code is run').choices(engines).default('auto'))
    .addOption(new Option('--misaligned <what>', 'misaligned loads and stores').choices(['trap', 'hardware']))
    .option('--max-cycles <n>', 'stop after so many cycles', count)
    .option('--max-instructions <n>', 'stop after so many instructions', count)
    .option(
      '--load <address:file>',
      'load a flat binary (can be repeated); without an ELF the first one runs',
      parseFlat,
    )
    .option('--dtb', "put the SoC's device tree at the end of its ROM; at reset a0 is the hart, a1 the tree")
    .option('--stdin <file>', "what the guest's console receives; default: stdin")
    .option('--semihosting-root <dir>', 'the folder whose files semihosting may use; default: none')
    .option('--args <text>', 'command line that semihosting gives the guest, after the name of the program')
    .option('--signature <file>', 'write the words from begin_signature to end_signature when the run has ended')
    .option('--snapshot-at <cycle=file>', 'save the whole state at that cycle (can be repeated)', parseSnapshotAt)
    .option('--restore <file>', 'go on from a snapshot of the same program and SoC')
    .addOption(
      new Option('--gdb [=port]', 'stand still until GDB connects (from this machine); alone, takes a free port')
        .argParser(port)
        .conflicts(['inject', 'sanitize', 'trace', 'profile', 'snapshotAt', 'maxCycles', 'maxInstructions', 'engine']),
    )
    .option('--json', 'one JSON object on stdout instead of console and summary')
    .addHelpText('after', HELP + exitCodesHelp(exitCodes))
    .action(run)
  addTraceOptions(command)
  addProfileOptions(command)
  addSanitizeOption(command)
  addInjectOptions(command)
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError('It must be a TCP port.')
  return value
}

async function run(file: string | undefined, options: RunOptions): Promise<void> {
  const soc = loadSoc(options.soc)
  // Before any output is opened: those know then what not to replace, and none is left over from what is refused here.
  const images = await readImages(file, options)
  checkOutputs(outputs(options))
  const faults = await machineFaults(options)
  const trace = await openTrace(options, soc, options)
  const sanitizer = await openSanitizer(options.sanitize, soc, options.isa)
  const profile = await openProfile(options, soc, () => machine)
  const guest = openGuestInput(options.stdin)
  const machine: Machine = new Machine(soc, {
    ...pick(options),
    ...faults,
    accelerators: await acceleratorFactories(soc, options.engine === 'interpreter' ? 'reference' : 'fast'),
    ...(options.json === true ? {} : { console: (_text, bytes) => process.stdout.write(bytes) }),
    input: guest.input,
    semihosting: await semihosting(images[0]!.name, options),
    diagnostic: (message) => process.stderr.write(`sim: ${message}\n`),
    probes: [
      ...[trace, sanitizer].flatMap((one) => (one === undefined ? [] : [one.probe])),
      ...(profile?.probes ?? []),
    ],
  })
  machine.load(images[0]!)
  for (const image of images.slice(1)) machine.place(image)
  if (options.dtb === true) withDeviceTree(machine, images)
  if (options.restore !== undefined) await restore(machine, options.restore)
  const signature = options.signature === undefined ? undefined : signatureRegion(machine, images[0]!)
  const begin = performance.now()
  const run = (limits: RunLimits) => guest.run(machine, limits)
  const result =
    options.gdb === undefined
      ? await runTakingSnapshots(machine, run, limits(options), options.snapshotAt ?? [])
      : await debug(machine, options.gdb)
  const seconds = (performance.now() - begin) / 1000
  trace?.close()
  guest.close()
  if (signature !== undefined) writeSignature(machine, signature, options.signature!)
  const found = sanitizer?.finish(result)
  const profiled = await profile?.finish()
  sayIdle(options, machine.idleFaults)
  const injected = options.inject && { injected: machine.injectedFaults }
  const extra = { ...injected, ...found, ...(profiled && { profile: profiled.profile }) }
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ...report(result, seconds), ...extra })}\n`)
  else process.stderr.write(`${summary(result, seconds)}\n${profiled?.text ?? ''}`)
  process.exitCode = exitCodeWith(found, processExitCode(result.exitCode))
}

/** The program that runs, then what else is loaded. */
async function readImages(file: string | undefined, { load = [] }: RunOptions): Promise<ElfImage[]> {
  const program = file === undefined ? [] : [await loadElf(readInput(file), file)]
  const images = [...program, ...load.map(loadFlat)]
  if (images.length > 0) return images
  throw new UserError('no-program', 'there is nothing to run', 'name an ELF file, or a binary with --load ADDRESS:FILE')
}

async function semihosting(program: string, { semihostingRoot, args }: RunOptions) {
  const commandLine = args === undefined ? program : `${program} ${args}`
  if (semihostingRoot === undefined) return { commandLine }
  const { semihostingFiles } = await import('./semihosting-files.ts')
  return { commandLine, files: semihostingFiles(semihostingRoot) }
}

const outputs = ({ trace, profile, signature, snapshotAt = [] }: RunOptions): Output[] => [
  ['--trace', trace === '-' ? undefined : trace],
  ['--profile', profile],
  ['--signature', signature],
  ...snapshotAt.map(({ file }) => ['--snapshot-at', file] as const),
]

/** Options that are the machine's own, without the absent ones. */
function pick({ isa, cpu, misaligned, engine }: RunOptions): MachineOptions {
  return {
    engine,
    ...(isa === undefined ? {} : { isa }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(misaligned === undefined ? {} : { misaligned }),
  }
}

function limits({ maxCycles, maxInstructions }: RunOptions): RunLimits {
  return {
    ...(maxCycles === undefined ? {} : { maxCycles }),
    ...(maxInstructions === undefined ? {} : { maxInstructions }),
  }
}

/** Runs under a debugger's control. */
async function debug(machine: Machine, port: number): Promise<RunResult> {
  const { serveGdb } = await import('./gdb-server.ts')
  const report = (message: string) => process.stderr.write(`sim: ${message}\n`)
  return await serveGdb(machine, { port, report, ...(machine.input.ended ? {} : { input: process.stdin }) })
}

async function restore(machine: Machine, file: string): Promise<void> {
  const { restoreSnapshot } = await import('../snapshot/file.ts')
  restoreSnapshot(machine, readInput(file), file)
}

/** The JSON object of `--json`. */
function report(result: RunResult, seconds: number) {
  return { ...result, host: { seconds, mips: mips(result, seconds) } }
}

function mips(result: RunResult, seconds: number): number {
  return Number((result.instructions / seconds / 1e6).toFixed(1))
}

function summary(result: RunResult, seconds: number): string {
  const counts = [countOf(result.instructions, 'instruction'), countOf(result.cycles, 'cycle')].join(', ')
  const regions = result.regions.map(
    ({ id, cycles, instructions }) =>
      `sim: region ${id}: ${countOf(cycles, 'cycle')}, ${countOf(instructions, 'instruction')}\n`,
  )
  const checks = result.checks.length === 0 ? '' : `sim: check values: ${result.checks.join(' ')}\n`
  const why =
    result.explanation === undefined ? `exit code ${result.exitCode}` : `${result.reason}: ${result.explanation}`
  return `${regions.join('')}${checks}sim: ${why}; ${counts} (${mips(result, seconds)} MIPS)`
}

/** A process has 8 bits for its exit code: a guest's failure must not become success. */
function processExitCode(code: number): number {
  return (code & 0xff) === 0 && code !== 0 ? 1 : code & 0xff
}
