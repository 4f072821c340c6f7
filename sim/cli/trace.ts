/** `sim trace`: looks at traces that `sim run --trace=FILE.simtrace` recorded. */
import { writeSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { UserError } from '../diagnostic.ts'
import { WAITING } from '../trace/convert/call-follower.ts'
import { holdsAnything, type Selection, type TraceFormat } from '../trace/convert/format.ts'
import { traceFormats } from '../trace/convert/formats.ts'
import { diffTraces } from '../trace/diff/diff-traces.ts'
import { formatDiff } from '../trace/diff/format-diff.ts'
import { cutOffText, emptyText } from '../trace/diff/remarks.ts'
import type { EventGroup } from '../trace/events.ts'
import { TraceReader } from '../trace/reader.ts'
import { type TraceStat, traceStat } from '../trace/stat.ts'
import { type ExitCodes, exitCodesHelp } from './exit-codes.ts'
import { formatLayerDifferences } from './format-layer-differences.ts'
import { readInput, refuseInput } from './read-input.ts'
import { textTable } from './text-table.ts'
import { groups, whole } from './trace-options.ts'
import { openWhole } from './whole-file.ts'

interface ConvertOptions {
  /** Name of the format. */
  readonly to: string
  readonly from?: number
  readonly until?: number
  readonly events?: readonly EventGroup[]
  readonly output?: string
}

const formatList = traceFormats.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`).join('\n')

const HELP = `
Examples:
  sim run fw.elf --trace=out.simtrace
  sim trace stat out.simtrace
  sim trace convert out.simtrace --to perfetto -o out.json      opens in ui.perfetto.dev
  sim trace convert out.simtrace --to vcd -o out.vcd            opens in GTKWave
  sim trace diff before.simtrace after.simtrace

docs/tracing.md says more.
`

const diffCodes: ExitCodes = { 0: 'they are the same', 1: 'they differ' }

/** Characters that are gathered before they are written. */
const PIECE = 1 << 16
const MOST_FUNCTIONS = 20

/** Adds the subcommands of `sim trace`. */
export function register(command: Command): void {
  command.addHelpText('after', HELP + exitCodesHelp({ 0: 'it is done', 1: 'the traces of diff differ' }))
  command
    .command('convert')
    .description('write a trace in the format of another tool')
    .argument('<trace>', 'a .simtrace file')
    .addOption(
      new Option('--to <format>', 'the format').choices(traceFormats.map(({ name }) => name)).makeOptionMandatory(),
    )
    .option('-o, --output <file>', 'where to; default, and -: stdout')
    .option('--from <cycle>', 'leave out what begins before this cycle', whole)
    .option('--until <cycle>', 'leave out what begins at this cycle or later', whole)
    .option('--events <list>', 'keep only these, e.g. commit,trap', groups)
    .addHelpText('after', `\nFormats:\n${formatList}\n${exitCodesHelp({ 0: 'the trace is written' })}`)
    .action(convert)
  command
    .command('show')
    .description('list instructions and events, one a line')
    .argument('<trace>', 'a .simtrace file')
    .option('--from <cycle>', 'leave out what begins before this cycle', whole)
    .option('--until <cycle>', 'leave out what begins at this cycle or later', whole)
    .option('--events <list>', 'keep only these, e.g. commit,trap', groups)
    .addHelpText('after', exitCodesHelp({ 0: 'the trace is listed' }))
    .action((file: string, options: ConvertOptions) => convert(file, { ...options, to: 'ndjson' }))
  command
    .command('stat')
    .description('count what a trace holds, and cycles by function')
    .argument('<trace>', 'a .simtrace file')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', exitCodesHelp({ 0: 'the trace is counted' }))
    .action(stat)
  command
    .command('diff')
    .description('find where two traces part')
    .argument('<a>', 'a .simtrace file')
    .argument('<b>', 'another one')
    .option('--ignore-timing', 'exit with 0 when they differ in cycles only')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', exitCodesHelp(diffCodes))
    .action(diff)
  for (const one of command.commands) {
    one.exitOverride().showHelpAfterError(`(sim trace ${one.name()} --help shows the options)`)
  }
}

function convert(file: string, options: ConvertOptions): void {
  const { from, until } = options
  if (from !== undefined && until !== undefined && from >= until) {
    const message = `nothing begins at cycle ${from} or later and before cycle ${until}`
    throw new UserError('trace-range', message, 'give --until a later cycle than --from', { file })
  }
  const trace = open(file)
  const format = traceFormats.find(({ name }) => name === options.to)!
  const selection: Selection = {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { to: until }),
    ...(options.events && { events: new Set(options.events) }),
  }
  refuseLacking(format, trace, options, file)
  tellGaps(trace, selection, format)
  const out = openOutput(options.output === '-' ? undefined : options.output)
  try {
    format.convert(trace, selection, out.write)
  } catch (error) {
    out.discard()
    throw error
  }
  out.close()
}

/** @throws UserError when the format would show nothing, because what it needs was not recorded, or is left out */
function refuseLacking(
  { name, needs }: TraceFormat,
  trace: TraceReader,
  { events }: ConvertOptions,
  file: string,
): void {
  if (needs === undefined) return
  const there = events ?? trace.header.events
  if (needs.some((group) => there.includes(group) && trace.header.events.includes(group))) return
  const message = `${name} needs ${needs.join(' or ')}, and ${events === undefined ? 'the trace was recorded with' : 'what is kept is'} ${there.join(', ')}`
  throw new UserError('trace-lacks', message, 'record it with what is needed, or choose another format', { file })
}

/** Says on stderr why the output may be less than was expected. */
function tellGaps(trace: TraceReader, selection: Selection, format: TraceFormat): void {
  const tell = (message: string) => process.stderr.write(`sim: ${message}\n`)
  const cut = cutOffText(trace)
  if (cut !== undefined) tell(cut)
  const [first, last] = [trace.index[0], trace.index.at(-1)]
  if (first === undefined || last === undefined) tell(emptyText(trace))
  else if (!holdsAnything(trace, selection, format)) {
    tell(
      `${trace.file} holds nothing of what was asked for that ${format.name} shows; it has cycles ${first[1]} to ${last[2]}`,
    )
  }
}

function stat(file: string, { json }: { readonly json?: boolean }): void {
  const bytes = readInput(file)
  const counts = traceStat(new TraceReader(bytes, file), bytes.length)
  process.stdout.write(json === true ? `${JSON.stringify(counts)}\n` : statText(counts))
}

function statText(stat: TraceStat): string {
  const { complete, bytesPerInstruction, functions } = stat
  const size = bytesPerInstruction === undefined ? '' : ` (${bytesPerInstruction.toFixed(3)} an instruction)`
  const lines = [
    `${stat.program} on ${stat.soc}, ${stat.cpu}: ${stat.recorded.join(', ')}`,
    `${stat.bytes} bytes${size} in ${stat.chunks} chunks${complete ? '' : '; cut off: the end of the run is missing'}`,
    `cycles ${stat.firstCycle} to ${stat.lastCycle} (${(stat.seconds * 1000).toFixed(3)} ms), ${stat.instructions} instructions`,
    ...Object.entries(stat.events).map(([kind, count]) => `${count} ${kind}`),
  ]
  const rows = functions.slice(0, MOST_FUNCTIONS).map(({ name, cycles, instructions }) => [name, cycles, instructions])
  if (rows.length > 0 && stat.waitingCycles > 0) rows.push([WAITING, stat.waitingCycles, 0])
  return `${lines.join('\n')}\n${rows.length === 0 ? '' : `\n${textTable([['function', 'cycles', 'instructions'], ...rows])}`}`
}

function diff(a: string, b: string, options: { readonly json?: boolean; readonly ignoreTiming?: boolean }): void {
  const [first, second] = [open(a), open(b)]
  if (!first.header.events.some((group) => second.header.events.includes(group))) {
    const message = `it was recorded with nothing that ${a} was recorded with`
    throw new UserError('trace-nothing-common', message, 'record both with the same --trace-events', { file: b })
  }
  const comparison = diffTraces(first, second)
  const { layers } = comparison
  const text = () =>
    formatDiff(comparison, first, second) + (layers === undefined ? '' : formatLayerDifferences(layers))
  process.stdout.write(options.json === true ? `${JSON.stringify(comparison)}\n` : text())
  const moved = comparison.shift !== undefined && options.ignoreTiming !== true
  process.exitCode = comparison.difference !== undefined || moved ? 1 : 0
}

const open = (file: string) => new TraceReader(readInput(file), file)

/** Where text goes: a file, which gets its name when it is whole, or stdout. */
function openOutput(file: string | undefined) {
  if (file !== undefined) refuseInput(file)
  const opened = file === undefined ? undefined : attempt(file, () => openWhole(file))
  let pending = ''
  const flush = () => {
    if (opened === undefined) process.stdout.write(pending)
    else attempt(file!, () => writeSync(opened.descriptor, pending))
    pending = ''
  }
  return {
    write: (text: string) => {
      pending += text
      if (pending.length >= PIECE) flush()
    },
    close: () => {
      flush()
      if (opened !== undefined) attempt(file!, opened.close)
    },
    discard: () => opened?.discard(),
  }
}

function attempt<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('output-unwritable', `it cannot be written (${code})`, 'choose another place', { file })
  }
}
