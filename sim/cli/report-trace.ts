/** `sim report run.simtrace`: the report of a recorded run. */
import { basename } from 'node:path'
import { UserError } from '../diagnostic.ts'
import type { ProfiledMachine, Window } from '../profile/cycle-profiler.ts'
import { InferenceProfiler } from '../profile/inference-profiler.ts'
import { lastInference } from '../profile/last-inference.ts'
import { buildReportData } from '../report/build-report-data.ts'
import { ReportCollector } from '../report/collect.ts'
import { replayTrace } from '../report/replay-trace.ts'
import type { ReportData } from '../report/report-data.ts'
import { TracedRun } from '../report/traced-run.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'
import { type EventGroup, eventGroups } from '../trace/events.ts'
import { TraceReader } from '../trace/reader.ts'
import { deviceRegisterTables } from './device-register-tables.ts'
import { readInput } from './read-input.ts'
import { fileFacts, hardwareFacts, platformFacts, runFacts, subtitleOf } from './report-facts.ts'
import { type SettledAccelerator, settledAccelerator } from './settled-accelerator.ts'

/** @throws UserError when it is no trace, one of another version or accelerator, or one that holds nothing */
export async function reportTrace(file: string): Promise<ReportData> {
  const bytes = readInput(file)
  const trace = new TraceReader(bytes, file)
  if (trace.index.length === 0) {
    throw new UserError('trace-empty', 'the trace holds nothing', 'record the run again, up to its end', { file })
  }
  const { header, complete } = trace
  const { soc, cpu, program, events } = header
  const missing = eventGroups.filter((group) => !events.includes(group))
  const accelerator = await settledAccelerator(soc)
  const { collector, inference, window, told } = await follow(trace, accelerator, missing)
  const gaps = [
    ...(complete ? [] : ['The trace is cut off: the end of the run is missing.']),
    ...(missing.length > 0 ? [`It has no events of ${missing.join(', ')}: what needs them is left out.`] : []),
    ...(told && inference === undefined ? ['It has no inference from its begin on: layers are left out.'] : []),
  ]
  return buildReportData({
    title: basename(program),
    subtitle: subtitleOf(inference === undefined ? 'Recorded run' : 'One inference', soc, cpu, accelerator),
    collector,
    ...window,
    hardware: accelerator && hardwareFacts(accelerator),
    network: inference && header.network,
    times: inference?.times ?? [],
    source: { lineAt: (pc) => trace.lineAt(pc), entryOf: (pc) => trace.symbols.functionAt(pc)?.address },
    summary: { clockHz: soc.clockHz, ...(gaps.length > 0 && { end: gaps.join(' ') }) },
    provenance: [
      runFacts(['sim', ...process.argv.slice(2)]),
      fileFacts('Trace', basename(file), bytes),
      ...platformFacts({ ...soc, hart: { ...soc.hart, isa: header.isa } }, cpu, accelerator),
    ],
    missing: { instructions: !has(missing, 'commit', 'trap'), waits: !has(missing, 'trap') },
  })
}

/** Reads the trace twice: to learn what there is to show, and to follow that. */
async function follow(trace: TraceReader, accelerator: SettledAccelerator | undefined, missing: readonly EventGroup[]) {
  const { soc, network } = trace.header
  const end = Math.max(0, ...trace.index.map(([, , until]) => until))
  const markers = findBlock(soc, 'markers')?.name
  const first = { run: new TracedRun(network), profiler: new InferenceProfiler(markers) }
  // A chunk may say that it begins earlier: what is before the trace's window is not the hart's.
  const begin = Math.min(end, replayTrace({ trace, probes: [first.run, first.profiler], accelerator }))
  const { region } = first.profiler
  const told = network !== undefined && has(missing, 'commit', 'trap', 'dma', 'compute')
  const inference = told ? lastInference(network, first.run.notes, region) : undefined
  const window: Window = inference ?? region ?? { from: begin, until: end }
  const machine = first.run.machine(trace, end)
  const collector = await collectorFor(machine, soc, window)
  collector.cycles.skipTo(begin)
  replayTrace({ trace, probes: collector.probes, accelerator })
  collector.cycles.finish()
  return { collector, inference, window: { from: window.from, until: window.until }, told }
}

async function collectorFor(machine: ProfiledMachine, soc: SocDescription, window: Window): Promise<ReportCollector> {
  const registers = await deviceRegisterTables(soc)
  return new ReportCollector({ machine: () => machine, registers, markers: undefined, window })
}

const has = (missing: readonly EventGroup[], ...groups: readonly EventGroup[]) =>
  groups.every((group) => !missing.includes(group))
