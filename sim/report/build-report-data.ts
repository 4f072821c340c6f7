/** From what was collected to what is shown. */
import type { ParameterTable } from '../accel/description.ts'
import { causeName } from '../cpu/trap.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import { inferenceProfile, type LayerInterval } from '../profile/inference-profile.ts'
import { runProfile, type SourceLookup } from '../profile/run-profile.ts'
import type { Finding } from '../sanitize/finding.ts'
import type { ReportCollector } from './collect.ts'
import { commandColumns, type Shift, tokenColumns } from './command-columns.ts'
import { flameOf } from './flame.ts'
import { arenaData, scratchpadData } from './memory-maps.ts'
import type { CommandColumns, LayerData, ReportData, Roofline, SpanColumns, TrapData } from './report-data.ts'

/** The accelerator, as far as a report speaks of it. */
export interface ReportedHardware {
  readonly units: readonly string[]
  readonly parameters: Readonly<Record<string, number>>
  /** What the parameters may be. */
  readonly ranges?: ParameterTable
  /** Sizes of the memories that commands work on, by name. */
  readonly memories: Readonly<Record<string, number>>
  readonly roofline?: Roofline | undefined
}

export interface ReportTask {
  readonly title: string
  readonly subtitle: string
  readonly collector: ReportCollector
  /** The cycles to show, since reset. */
  readonly from: number
  readonly until: number
  readonly hardware?: ReportedHardware | undefined
  readonly network?: NetworkMap | undefined
  /** When each layer of the network ran, by its index, in cycles since reset; undefined for those that run nowhere. */
  readonly times: readonly (LayerInterval | undefined)[]
  readonly source: SourceLookup | undefined
  readonly summary: Omit<ReportData['summary'], 'macs' | 'cycles' | 'instructions'>
  readonly findings?: readonly Finding[]
  readonly provenance: ReportData['provenance']
  /** What was not recorded of the hart. */
  readonly missing?: { readonly instructions: boolean; readonly waits: boolean }
}

const noHardware: ReportedHardware = { units: [], parameters: {}, memories: {} }

export function buildReportData(task: ReportTask): ReportData {
  const { collector, from, until, network, hardware = noHardware } = task
  const { units, parameters, ranges, roofline } = hardware
  const profile =
    network && inferenceProfile({ ...task, network, parameters, ranges, peak: roofline, profiler: collector.inference })
  const layers = (profile?.layers ?? []).map(({ tiles: _, ...layer }) => layer)
  const shift = (at: number) => Math.min(until, Math.max(from, at)) - from
  const hart = task.missing?.instructions === true ? undefined : runProfile(collector.cycles, task.source)
  const layerOf = layerFinder(network?.layers ?? [], layers)
  const { all, shown } = commandsOf(task, units)
  const commands = commandColumns({ all, shown, units, parameters, layerOf, network }, shift)
  return {
    version: 2,
    title: task.title,
    subtitle: task.subtitle,
    summary: {
      cycles: until - from,
      macs: profile?.macs ?? 0,
      ...(hart && { instructions: hart.instructions }),
      ...task.summary,
    },
    layers,
    ...(profile && { between: profile.between }),
    timeline: timelineOf(task, commands, shift),
    ...(hart && { hart, flame: flameOf(collector.cycles) }),
    ...(network && layers.length > 0 && { arena: arenaData(network, layers) }),
    scratchpads: scratchpadData(
      { commands: collector.inference.commands, shown, memories: hardware.memories, network, layerOf },
      shift,
    ),
    ...(roofline && { roofline }),
    ...(task.findings && { findings: task.findings.map((finding) => shiftFinding(finding, from)) }),
    provenance: task.provenance,
  }
}

/** All commands by their starts, those that did not end included, and those of them that are shown. */
function commandsOf({ collector: { inference }, from, until }: ReportTask, units: readonly string[]) {
  const unfinished = inference.unfinished(until).filter(({ command }) => units.includes(command.spec.unit))
  const all = [...inference.commands, ...unfinished].sort((a, b) => a.started - b.started || a.queued - b.queued)
  return { all, shown: all.filter(({ queued, finished }) => queued < until && finished > from) }
}

function timelineOf(
  { collector, from, until, missing, hardware: { units } = noHardware }: ReportTask,
  commands: CommandColumns,
  shift: Shift,
): ReportData['timeline'] {
  const { inference, cycles, calls, tokens, traps } = collector
  const functions = calls.columns((number) => cycles.functions.names[number]!)
  return {
    cycles: until - from,
    units,
    commands,
    tokens: tokenColumns(tokens, units, { from, until, shift }),
    calls: { ...functions, ...inWindow(functions, shift) },
    ...(missing?.waits !== true && { waits: waitsIn(inference.waits, shift) }),
    traps: traps.filter((one) => one.from >= from && one.from < until).map((one) => trapData(one, shift)),
  }
}

/** From a command's index in the stream to the position of its layer among those that ran; -1 for none. */
function layerFinder(layers: readonly NetworkLayer[], ran: readonly LayerData[]): (index: number) => number {
  const byCommand = new Map<number, number>()
  for (const { commands, index: layer } of layers) {
    const position = ran.findIndex(({ index }) => index === layer)
    for (let index = commands?.first ?? 0; index < (commands?.end ?? 0); index++) byCommand.set(index, position)
  }
  return (index) => byCommand.get(index) ?? -1
}

/** When the hart stood still; what goes on from one event of the platform to the next is one wait. */
function waitsIn(waits: readonly LayerInterval[], shift: Shift): SpanColumns {
  const merged: { from: number; until: number }[] = []
  for (const wait of waits) {
    const [from, until] = [shift(wait.from), shift(wait.until)]
    const last = merged.at(-1)
    if (last?.until === from) last.until = until
    else if (until > from) merged.push({ from, until })
  }
  return { from: merged.map(({ from }) => from), until: merged.map(({ until }) => until) }
}

/** Columns without what lies outside of the window. */
function inWindow(calls: ReturnType<ReportCollector['calls']['columns']>, shift: Shift) {
  const [from, until] = [calls.from.map(shift), calls.until.map(shift)]
  const inside = from.flatMap((start, i) => (until[i]! > start ? [i] : []))
  const pick = (column: readonly number[]) => inside.map((i) => column[i]!)
  return { name: pick(calls.name), depth: pick(calls.depth), from: pick(from), until: pick(until) }
}

const interrupts: Readonly<Record<number, string>> = { 3: 'software', 7: 'timer', 11: 'external' }

function trapData({ cause, from, until }: ReportCollector['traps'][number], shift: Shift): TrapData {
  const code = cause & 0x7fff_ffff
  const name = cause > 0x7fff_ffff ? `${interrupts[code] ?? code} interrupt` : causeName(code)
  return { name, from: shift(from), until: shift(until) }
}

function shiftFinding({ first, second, ...finding }: Finding, from: number): Finding {
  const shift = <T extends { readonly at: number }>(one: T): T => ({ ...one, at: one.at - from })
  return { ...shift(finding), ...(first && { first: shift(first) }), ...(second && { second: shift(second) }) }
}
