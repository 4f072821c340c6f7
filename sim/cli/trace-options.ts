/** `--trace` and what narrows it, for `sim run` and `sim infer`. */
import { writeSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { findAccelerator } from '../../accelerators/index.ts'
import { UserError } from '../diagnostic.ts'
import type { Probe } from '../probe/probe.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import { type EventGroup, eventGroups } from '../trace/events.ts'
import type { CommandLayout, TracedPlatform, TracedWindow } from '../trace/header.ts'
import type { Window } from '../trace/window.ts'
import { refuseInput } from './read-input.ts'
import { openWhole } from './whole-file.ts'

export interface TraceArguments {
  readonly trace?: string
  readonly traceEvents?: readonly EventGroup[]
  readonly traceFrom?: number
  readonly traceTo?: number
  readonly traceRegion?: number
  readonly traceFunction?: string
}

/** A trace that is being recorded. */
export interface OpenTrace {
  readonly probe: Probe
  /** Ends it; what the probe hears from then on is not recorded. */
  close(): void
}

const SUFFIX = '.simtrace'

export function addTraceOptions(command: Command): void {
  command
    .option(
      '--trace [=file]',
      "record the run: a file NAME.simtrace for sim trace; any other name gets a commit log in the form of Spike's --log-commits, and no name sends that to stderr",
    )
    .option('--trace-events <list>', 'what a .simtrace file holds, e.g. dma,compute,token; default: all of it', groups)
    .option('--trace-from <cycle>', 'record what begins at this cycle or later', whole)
    .option('--trace-to <cycle>', 'record what begins before this cycle', whole)
    .option('--trace-region <n>', 'record inside of region of interest N', whole)
    .option('--trace-function <name>', 'record from the entry of a function to its return, with all that it calls')
}

/** @throws UserError when options do not fit together, or the file cannot be written */
export async function openTrace(
  options: TraceArguments,
  soc: SocDescription,
  hart: { readonly isa?: string | undefined; readonly cpu?: string | undefined },
): Promise<OpenTrace | undefined> {
  const { trace, traceEvents } = options
  const narrowed = Object.keys(options).find((name) => /^trace./.test(name))
  if (trace === undefined || !trace.endsWith(SUFFIX)) {
    if (narrowed !== undefined)
      throw refusal(`--${kebab(narrowed)} needs a trace to narrow`, `add --trace=FILE${SUFFIX}`)
    if (trace === undefined) return undefined
    const { openCommitLog } = await import('./commit-log-file.ts')
    return openCommitLog(trace)
  }
  const events = new Set(traceEvents ?? eventGroups)
  const platform: TracedPlatform = {
    soc,
    isa: hart.isa ?? soc.hart.isa,
    cpu: hart.cpu ?? soc.hart.cpu,
    ...(await commandLayouts(soc)),
  }
  return await record(trace, { platform, events, window: await windowFor(options, soc) }, options.traceFunction)
}

async function record(
  file: string,
  { platform, events, window }: { platform: TracedPlatform; events: ReadonlySet<EventGroup>; window: ChosenWindow },
  name: string | undefined,
): Promise<OpenTrace> {
  const { TraceWriter } = await import('../trace/writer.ts')
  refuseInput(file)
  const opened = attempt(file, () => openWhole(file))
  const write = (bytes: Uint8Array) => attempt(file, () => writeAll(opened.descriptor, bytes))
  const chosen = window.window && { window: window.window, covers: window.covers }
  const writer = new TraceWriter(write, { platform, events, ...chosen })
  const { probe } = writer
  return {
    probe: {
      ...probe,
      loaded: (image) => {
        probe.loaded?.(image)
        const address = name === undefined ? undefined : image.symbols.get(name)?.address
        window.entryPoint ??= address
        if (name === undefined || window.entryPoint !== undefined) return
        throw refusal(`the program has no function ${name}`, 'choose one of its symbols for --trace-function')
      },
    },
    close() {
      writer.close()
      attempt(file, opened.close)
      if (writer.isEmpty)
        process.stderr.write(`sim: ${file} holds nothing: nothing of what was asked for has happened\n`)
    },
  }
}

/** A window, and where the function is that opens it, once that is known. */
interface ChosenWindow {
  readonly window: Window | undefined
  readonly covers: TracedWindow
  entryPoint: number | undefined
}

async function windowFor(options: TraceArguments, soc: SocDescription): Promise<ChosenWindow> {
  const { traceFrom, traceTo, traceRegion, traceFunction } = options
  const cycles = traceFrom !== undefined || traceTo !== undefined
  if ([cycles, traceRegion !== undefined, traceFunction !== undefined].filter(Boolean).length > 1) {
    throw refusal('a trace can be narrowed in one way only', 'choose cycles, a region or a function')
  }
  if (traceFrom !== undefined && traceTo !== undefined && traceFrom >= traceTo) {
    const message = `nothing begins at cycle ${traceFrom} or later and before cycle ${traceTo}`
    throw refusal(message, 'give --trace-to a later cycle than --trace-from')
  }
  const { cycleWindow, functionWindow, regionWindow } = await import('../trace/window.ts')
  const covers = {
    ...(traceFrom !== undefined && { from: traceFrom }),
    ...(traceTo !== undefined && { to: traceTo }),
    ...(traceRegion !== undefined && { region: traceRegion }),
    ...(traceFunction !== undefined && { function: traceFunction }),
  }
  const chosen: { window: Window | undefined; covers: TracedWindow; entryPoint: number | undefined } = {
    window: undefined,
    covers,
    entryPoint: undefined,
  }
  if (cycles) chosen.window = cycleWindow(traceFrom ?? 0, traceTo ?? Number.POSITIVE_INFINITY)
  if (traceFunction !== undefined) chosen.window = functionWindow(() => chosen.entryPoint)
  if (traceRegion !== undefined) {
    const markers = findBlock(soc, 'markers')
    if (markers === undefined) throw refusal('the SoC has no markers for regions', 'choose cycles or a function')
    chosen.window = regionWindow(markers.name, traceRegion)
  }
  return chosen
}

async function commandLayouts(soc: SocDescription): Promise<Pick<TracedPlatform, 'commands'>> {
  const block = findBlock(soc, 'accelerator')
  if (block === undefined) return {}
  const { layoutOf } = await import('../accel/layout.ts')
  const description = await findAccelerator(block.accelerator).description()
  const commands: Record<string, CommandLayout> = {}
  for (const [name, command] of Object.entries(description.commands)) {
    const fields = layoutOf(command).map(({ name, bit, spec }) => [name, bit, spec.bits, spec.signed] as const)
    commands[name] = { opcode: command.opcode, unit: command.unit, fields }
  }
  return { commands }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
}

/** @throws UserError for a failure of the file system */
function attempt<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('trace-file', `the trace cannot be written (${code})`, 'choose another file', { file })
  }
}

function refusal(message: string, hint: string): UserError {
  return new UserError('trace-options', message, hint)
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Value of an option that is a cycle or a number. */
export function whole(text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number.')
  }
  return value
}

/** Value of an option that lists groups of events. */
export function groups(text: string): EventGroup[] {
  return text.split(',').map((name) => {
    const group = eventGroups.find((one) => one === name)
    if (group === undefined) throw new InvalidArgumentError(`Choose of ${eventGroups.join(', ')}.`)
    return group
  })
}
