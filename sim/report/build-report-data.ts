/** From what was collected to what is shown. */
import type { Region } from '../accel/description.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import { inferenceProfile } from '../profile/inference-profile.ts'
import type { Finding } from '../sanitize/finding.ts'
import type { CollectedCommand, ReportCollector } from './collect.ts'
import type {
  ArenaData,
  CommandColumns,
  LayerData,
  ReportData,
  Roofline,
  ScratchpadData,
  SpanColumns,
  TrapData,
} from './report-data.ts'

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
  /** When each layer of the network ran, by its index, in cycles since reset; undefined for those that run nowhere. */
  readonly times: readonly ({ readonly from: number; readonly until: number } | undefined)[]
  readonly roofline?: Roofline | undefined
  readonly summary: Omit<ReportData['summary'], 'macs' | 'cycles'>
  readonly findings: readonly Finding[]
  readonly provenance: ReportData['provenance']
}

export function buildReportData(task: ReportTask): ReportData {
  const { collector, from, until, units, network } = task
  const commands = collector.commands.filter(({ started, finished }) => started < until && finished >= from)
  const profile = network && inferenceProfile({ ...task, network, profiler: collector, peak: task.roofline })
  const layers = (profile?.layers ?? []).map(({ tiles: _, ...layer }) => layer)
  const shift = (at: number) => Math.min(until, Math.max(from, at)) - from
  collector.calls.finish(until)
  const calls = collector.calls.columns()
  return {
    version: 1,
    title: task.title,
    subtitle: task.subtitle,
    summary: { cycles: until - from, macs: profile?.macs ?? 0, ...task.summary },
    layers,
    ...(profile && { between: profile.between }),
    timeline: {
      cycles: until - from,
      units,
      commands: commandColumns(commands, units, task, shift),
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

/** From a command's index in the stream to the position of its layer. */
export function layerFinder(layers: readonly NetworkLayer[]): (index: number) => number {
  const byCommand = new Map<number, number>()
  for (const [position, { commands }] of layers.entries())
    for (let index = commands?.first ?? 0; index < (commands?.end ?? 0); index++) byCommand.set(index, position)
  return (index) => byCommand.get(index) ?? -1
}

function commandColumns(
  all: readonly CollectedCommand[],
  units: readonly string[],
  { collector: { layerOf }, parameters }: ReportTask,
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

function arenaData({ arena, tensors }: NetworkMap, layers: readonly LayerData[]): ArenaData {
  const last = Math.max(0, layers.length - 1)
  /** Position of the first layer shown that is not before layer `index`. */
  const positionOf = (index: number) => {
    const found = layers.findIndex((layer) => layer.index >= index)
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
