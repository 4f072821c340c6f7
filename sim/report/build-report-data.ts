/** From what was collected to what is shown. */
import type { Region } from '../accel/description.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import type { Finding } from '../sanitize/finding.ts'
import { bottleneck } from './bottleneck.ts'
import type { CollectedCommand, ReportCollector } from './collect.ts'
import type {
  ArenaData,
  CommandColumns,
  LayerData,
  ReportData,
  Roofline,
  ScratchpadData,
  SpanColumns,
  Split,
  TrapData,
} from './report-data.ts'
import { type BusySpan, BusyTimes } from './split-cycles.ts'

/** When a layer ran, in cycles since reset: from the end of the one before, or from when the hart began with it. */
interface LayerTime {
  readonly layer: NetworkLayer
  readonly from: number
  readonly until: number
}

export interface ReportTask {
  readonly title: string
  readonly subtitle: string
  readonly collector: ReportCollector
  /** The cycles to show, since reset. */
  readonly from: number
  readonly until: number
  readonly units: readonly string[]
  readonly parameters: Readonly<Record<string, number>>
  readonly network?: NetworkMap | undefined
  /** In order of time. */
  readonly layers: readonly LayerTime[]
  readonly roofline?: Roofline | undefined
  readonly summary: Omit<ReportData['summary'], 'macs' | 'cycles'>
  readonly findings: readonly Finding[]
  readonly provenance: ReportData['provenance']
}

export function buildReportData(task: ReportTask): ReportData {
  const { collector, from, until, units, layers, network } = task
  const commands = collector.commands.filter(({ started, finished }) => started < until && finished >= from)
  const place = positions(layers)
  const split = splitLayers(task, commands)
  const data = layers.map((time, i) => layerData(task, time, split.layers[i]!, commands))
  const shift = (at: number) => Math.min(until, Math.max(from, at)) - from
  collector.calls.finish(until)
  const calls = collector.calls.columns()
  return {
    version: 1,
    title: task.title,
    subtitle: task.subtitle,
    summary: { cycles: until - from, macs: data.reduce((sum, { macs }) => sum + macs, 0), ...task.summary },
    layers: data,
    between: split.between,
    timeline: {
      cycles: until - from,
      units,
      commands: commandColumns(commands, units, place, task.parameters, shift),
      calls: { ...calls, ...inWindow(calls, shift) },
      waits: spans(
        collector.waits.filter((one) => one.until > from && one.from < until),
        shift,
      ),
      traps: collector.traps.filter((one) => one.from >= from && one.from < until).map((one) => trapData(one, shift)),
    },
    flame: collector.calls.flame(),
    ...(network && { arena: arenaData(network, layers) }),
    scratchpads: collector.scratchpads
      .map((one) => shiftSpans(one.data(), shift))
      .filter(({ peakBytes }) => peakBytes > 0),
    ...(task.roofline && { roofline: task.roofline }),
    findings: task.findings.map((finding) => shiftFinding(finding, from)),
    provenance: task.provenance,
  }
}

/** Bytes of all repetitions. */
const regionBytes = ({ bytes, repeat = [] }: Region) => repeat.reduce((product, { count }) => product * count, bytes)

/** Bytes that a command moves from or to RAM. */
function ramBytes({ command }: CollectedCommand): number {
  return command.regions.filter(({ memory }) => memory === 'ram').reduce((sum, region) => sum + regionBytes(region), 0)
}

function kindOf({ command }: CollectedCommand): BusySpan['what'] {
  const ram = command.regions.find(({ memory }) => memory === 'ram')
  if (ram === undefined) return 'compute'
  return ram.access === 'read' ? 'dmaIn' : 'dmaOut'
}

/** From a command's index in the stream to the position of its layer. */
export function layerFinder(layers: readonly NetworkLayer[]): (index: number) => number {
  const byCommand = new Map<number, number>()
  for (const [position, { commands }] of layers.entries())
    for (let index = commands?.first ?? 0; index < (commands?.end ?? 0); index++) byCommand.set(index, position)
  return (index) => byCommand.get(index) ?? -1
}

const positions = (layers: readonly LayerTime[]) => layerFinder(layers.map(({ layer }) => layer))

function splitLayers({ collector, from, until, layers }: ReportTask, commands: readonly CollectedCommand[]) {
  const busy: BusySpan[] = commands.map((one) => ({ what: kindOf(one), from: one.started, until: one.finished }))
  const waits: BusySpan[] = collector.waits.map((wait) => ({ what: 'wait', ...wait }))
  const cuts = [from, ...layers.flatMap((layer) => [layer.from, layer.until]), until]
  const pieces = new BusyTimes([...busy, ...waits]).split(cuts)
  const between = pieces.filter((_, i) => i % 2 === 0).reduce(addSplits)
  return { layers: pieces.filter((_, i) => i % 2 === 1), between }
}

const addSplits = (a: Split, b: Split): Split => ({
  compute: a.compute + b.compute,
  dmaIn: a.dmaIn + b.dmaIn,
  dmaOut: a.dmaOut + b.dmaOut,
  cpu: a.cpu + b.cpu,
  idle: a.idle + b.idle,
})

function layerData(
  { from: begin, roofline }: ReportTask,
  { layer, from, until }: LayerTime,
  split: Split,
  all: readonly CollectedCommand[],
): LayerData {
  const { index, name, op, target, macs, commands = { first: 0, end: 0 }, predictedCycles } = layer
  const own = all.filter(({ command }) => command.index >= commands.first && command.index < commands.end)
  const bytes = own.reduce((sum, one) => sum + ramBytes(one), 0)
  const cycles = until - from
  const macsPerCycle = cycles === 0 ? 0 : macs / cycles
  return {
    index,
    name,
    op,
    target,
    from: from - begin,
    until: until - begin,
    cycles,
    split,
    macs,
    macsPerCycle,
    bytes,
    commands: own.length,
    ...(predictedCycles !== undefined && { predictedCycles }),
    bottleneck: bottleneck({ target, cycles, split, macs, bytes }, roofline),
  }
}

function commandColumns(
  all: readonly CollectedCommand[],
  units: readonly string[],
  layerOf: (index: number) => number,
  parameters: Readonly<Record<string, number>>,
  shift: (at: number) => number,
): CommandColumns {
  const names = [...new Set(all.map(({ command }) => command.name))]
  const fieldsOf = (name: string) => Object.keys(all.find(({ command }) => command.name === name)!.command.fields)
  const kinds = names.map((name) => ({ name, fields: fieldsOf(name) }))
  return {
    kinds,
    kind: all.map(({ command }) => names.indexOf(command.name)),
    unit: all.map(({ command }) => units.indexOf(command.spec.unit)),
    index: all.map(({ command }) => command.index),
    layer: all.map(({ command }) => layerOf(command.index)),
    queued: all.map(({ queued }) => shift(queued)),
    from: all.map(({ started }) => shift(started)),
    until: all.map(({ finished }) => shift(finished)),
    macs: all.map(({ command }) => command.spec.macs?.(command.fields, parameters) ?? 0),
    bytes: all.map(ramBytes),
    values: all.map(({ command }) => Object.values(command.fields)),
  }
}

function spans(all: readonly { from: number; until: number }[], shift: (at: number) => number): SpanColumns {
  return { from: all.map(({ from }) => shift(from)), until: all.map(({ until }) => shift(until)) }
}

/** Columns without what lies outside of the window. */
function inWindow(calls: ReturnType<ReportCollector['calls']['columns']>, shift: (at: number) => number) {
  const [from, until] = [calls.from.map(shift), calls.until.map(shift)]
  const inside = from.flatMap((start, i) => (until[i]! > start ? [i] : []))
  const pick = (column: readonly number[]) => inside.map((i) => column[i]!)
  return { name: pick(calls.name), depth: pick(calls.depth), from: pick(from), until: pick(until) }
}

const interrupts: Readonly<Record<number, string>> = { 3: 'software', 7: 'timer', 11: 'external' }

function trapData(
  { cause, from, until }: { cause: number; from: number; until: number },
  shift: (at: number) => number,
): TrapData {
  const code = cause & 0x7fff_ffff
  const name = cause > 0x7fff_ffff ? `${interrupts[code] ?? code} interrupt` : `exception ${code}`
  return { name, from: shift(from), until: shift(until) }
}

function arenaData({ arena, tensors }: NetworkMap, layers: readonly LayerTime[]): ArenaData {
  const last = Math.max(0, layers.length - 1)
  /** Position of the first layer shown that is not before layer `index`. */
  const positionOf = (index: number) => {
    const found = layers.findIndex(({ layer }) => layer.index >= index)
    return found < 0 ? last : found
  }
  return {
    bytes: arena.bytes,
    tensors: tensors
      .filter(({ constant }) => !constant)
      .map(({ name, dtype, shape, address, bytes, firstLayer, lastLayer }) => ({
        name,
        type: `${dtype} [${shape.join(', ')}]`,
        offset: address - arena.address,
        bytes,
        first: positionOf(firstLayer),
        last: positionOf(lastLayer),
      })),
  }
}

function shiftFinding({ first, second, ...finding }: Finding, from: number): Finding {
  const shift = <T extends { readonly at: number }>(one: T): T => ({ ...one, at: one.at - from })
  return { ...shift(finding), ...(first && { first: shift(first) }), ...(second && { second: shift(second) }) }
}

function shiftSpans(data: ScratchpadData, shift: (at: number) => number): ScratchpadData {
  const { from, until, ...rest } = data.spans
  return { ...data, spans: { ...rest, from: from.map(shift), until: until.map(shift) } }
}
