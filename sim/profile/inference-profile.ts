/** Where the cycles of an inference went: network, layer, activity, tile. */
import type { ParameterTable } from '../accel/description.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import { bottleneckOf, holdUp } from './bottleneck.ts'
import { type BusySpan, BusyTimes } from './busy-times.ts'
import type { InferenceProfiler } from './inference-profiler.ts'
import { type ComputeGap, computeGaps, type Waits, waitReasons } from './layer-waits.ts'
import { bytesOf, kindOf, type TimedCommand } from './timed-command.ts'
import { bestChange, type WhatIf } from './what-if.ts'

/**
 * Cycles by what they went to, each to one thing: computing if anything computes, else transfers in, else transfers
 * out, else the hart if it is not standing still, else nothing.
 */
export interface CycleSplit {
  readonly compute: number
  readonly dmaIn: number
  readonly dmaOut: number
  readonly cpu: number
  readonly idle: number
}

/** Cycles in which each works, whatever the others do. */
interface BusyCycles {
  readonly compute: number
  readonly dmaIn: number
  readonly dmaOut: number
}

/** What the accelerator can do at most, per cycle of the SoC. */
export interface Peak {
  readonly peakMacsPerCycle: number
  readonly bytesPerCycle: number
}

/** A computing command with the transfers for it before and after it in the stream. */
interface TileProfile {
  /** Commands [first, end) of the stream. */
  readonly first: number
  readonly end: number
  /** From the start of its first command to the end of its last; tiles overlap. Cycles from the start of the inference. */
  readonly from: number
  readonly until: number
  readonly command: string
  readonly macs: number
  readonly busy: BusyCycles
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface LayerProfile {
  readonly index: number
  readonly name: string
  readonly op: string
  readonly target: string
  /** From the end of the layer before, or when the controller began with it; cycles from the start of the inference. */
  readonly from: number
  readonly until: number
  readonly cycles: number
  /** Adds up to `cycles`. */
  readonly split: CycleSplit
  readonly busy: BusyCycles
  /** Why nothing is computed, for a layer of the accelerator; adds up to `cycles` without `split.compute`. */
  readonly waits?: Waits
  readonly macs: number
  readonly macsPerCycle: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly commands: number
  readonly predictedCycles?: number
  /** Where the layer stands under the roofline, for one that computes on the accelerator. */
  readonly roofline?: {
    /** MACs per byte between RAM and the accelerator. */
    readonly intensity: number
    readonly bound: 'compute' | 'memory'
    readonly attainableMacsPerCycle: number
  }
  /** Which parameter of the accelerator would shorten the commands that hold the layer up, when one would by a tenth. */
  readonly change?: WhatIf
  readonly bottleneck: string
  readonly tiles: readonly TileProfile[]
}

export interface InferenceProfile {
  readonly network: string
  readonly cycles: number
  readonly macs: number
  readonly macsPerCycle: number
  readonly peak?: Peak
  /** With `between` they add up to `cycles`. */
  readonly layers: readonly LayerProfile[]
  /** The controller before, between and behind the layers. */
  readonly between: CycleSplit & { readonly cycles: number }
  /** Of the whole. */
  readonly split: CycleSplit
  readonly busy: BusyCycles
}

export interface LayerInterval {
  readonly from: number
  readonly until: number
}

export interface InferenceTask {
  readonly profiler: Pick<InferenceProfiler, 'commands' | 'waits'>
  readonly network: NetworkMap
  /** When each layer of the network ran, by its index, in cycles since reset; ascending, undefined for those that run nowhere. */
  readonly times: readonly (LayerInterval | undefined)[]
  /** The inference, in cycles since reset. */
  readonly from: number
  readonly until: number
  readonly parameters: Readonly<Record<string, number>>
  /** What the parameters may be. */
  readonly ranges?: ParameterTable | undefined
  readonly peak?: Peak | undefined
}

export function inferenceProfile(task: InferenceTask): InferenceProfile {
  const { network, times, from, until, peak } = task
  const commands = task.profiler.commands
    .filter(({ started, finished }) => started < until && finished > from)
    .sort((a, b) => a.command.index - b.command.index)
  const ran = network.layers.flatMap((layer) => {
    const time = times[layer.index]
    return time === undefined ? [] : [{ layer, ...time }]
  })
  const pieces = splitsOf(task, commands, [from, ...ran.flatMap((one) => [one.from, one.until]), until])
  const gaps = computeGaps(commands, network, until)
  const layers = ran.map((one, i) => layerProfile(task, one, pieces[2 * i + 1]!, commands, gaps))
  const between = pieces.filter((_, i) => i % 2 === 0).reduce(addSplits)
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0)
  return {
    network: network.name,
    cycles: until - from,
    macs,
    macsPerCycle: perCycle(macs, until - from),
    ...(peak && { peak }),
    layers,
    between: { ...between, cycles: totalOf(between) },
    split: pieces.reduce(addSplits),
    busy: busyOf(commands, from, until),
  }
}

/** When the layers ran by the firmware's own notes (`struct layer_time` of runtime-c): start and end of 8 bytes each. */
export function layerIntervals({ layers }: NetworkMap, notes: Uint8Array): (LayerInterval | undefined)[] {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength)
  let before = 0
  return layers.map(({ target, index }) => {
    const start = Number(view.getBigUint64(LAYER_TIME_BYTES * index, true))
    const until = Number(view.getBigUint64(LAYER_TIME_BYTES * index + 8, true))
    if (target === 'none' || until < before || until === 0) return undefined
    const from = Math.max(before, start)
    before = until
    return { from, until }
  })
}

export const LAYER_TIME_BYTES = 16

function splitsOf(
  { profiler }: InferenceTask,
  commands: readonly TimedCommand[],
  cuts: readonly number[],
): CycleSplit[] {
  const spans: BusySpan[] = [
    ...commands.map((one) => ({ what: kindOf(one), from: one.started, until: one.finished })),
    ...profiler.waits.map((wait) => ({ what: 'wait' as const, ...wait })),
  ]
  return new BusyTimes(spans).split(cuts)
}

function layerProfile(
  { from: begin, parameters, ranges = {}, peak }: InferenceTask,
  { layer, from, until }: { layer: NetworkLayer } & LayerInterval,
  split: CycleSplit,
  commands: readonly TimedCommand[],
  gaps: readonly ComputeGap[],
): LayerProfile {
  const { index, name, op, target, macs, predictedCycles } = layer
  const { first, end } = layer.commands ?? { first: 0, end: 0 }
  const own = commands.filter(({ command }) => command.index >= first && command.index < end)
  const cycles = until - from
  const facts = {
    target,
    cycles,
    split,
    macs,
    bytesIn: bytesOf(own, 'read'),
    bytesOut: bytesOf(own, 'write'),
    busy: busyOf(commands, from, until),
    ...(own.length > 0 && { waits: waitsIn(gaps, from, until, end) }),
    ...(peak && macs > 0 && own.length > 0 && { roofline: rooflinePlace(macs, bytesOf(own), peak) }),
  }
  const change = changeFor(own, holdUp(facts), parameters, ranges)
  return {
    index,
    name,
    op,
    from: from - begin,
    until: until - begin,
    ...facts,
    macsPerCycle: perCycle(macs, cycles),
    commands: own.length,
    ...(predictedCycles !== undefined && { predictedCycles }),
    ...(change && { change }),
    bottleneck: bottleneckOf({ ...facts, ...(change && { change }) }, peak),
    tiles: tilesOf(own, begin, parameters),
  }
}

/** What would shorten the commands that a layer is held up by. */
function changeFor(
  own: readonly TimedCommand[],
  held: ReturnType<typeof holdUp>,
  parameters: InferenceTask['parameters'],
  ranges: ParameterTable,
): WhatIf | undefined {
  const kinds = { compute: 'compute', weights: 'dmaIn', activations: 'dmaIn', store: 'dmaOut' } as const
  const kind = held === undefined || held === 'commands' || held === 'output' ? undefined : kinds[held]
  const slow = own.filter((one) => kindOf(one) === kind)
  // Of transfers a shorter latency helps too; of arrays nobody wants a smaller one.
  return slow.length === 0 ? undefined : bestChange(slow, parameters, kind === 'compute' ? [2] : [2, 1 / 2], ranges)
}

/** Gaps within a layer's time; behind the last of its own commands it is the results that are waited for. */
function waitsIn(gaps: readonly ComputeGap[], from: number, until: number, end: number): Waits {
  const waits = Object.fromEntries(waitReasons.map((reason) => [reason, 0])) as Record<keyof Waits, number>
  for (const gap of gaps) {
    const cycles = Math.min(gap.until, until) - Math.max(gap.from, from)
    if (cycles > 0) waits[gap.next >= end ? 'output' : gap.reason] += cycles
  }
  return waits
}

function rooflinePlace(macs: number, bytes: number, { peakMacsPerCycle, bytesPerCycle }: Peak) {
  const intensity = macs / Math.max(1, bytes)
  const attainableMacsPerCycle = Math.min(peakMacsPerCycle, intensity * bytesPerCycle)
  const bound = attainableMacsPerCycle < peakMacsPerCycle ? ('memory' as const) : ('compute' as const)
  return { intensity, bound, attainableMacsPerCycle }
}

/** Cuts a layer's commands into tiles: a new one begins with the first transfer in, or computing, behind a computing one. */
function tilesOf(own: readonly TimedCommand[], begin: number, parameters: InferenceTask['parameters']): TileProfile[] {
  const groups: TimedCommand[][] = []
  let computed = true
  for (const one of own) {
    const kind = kindOf(one)
    if (computed && kind !== 'dmaOut') groups.push([])
    else if (groups.length === 0) groups.push([])
    computed = kind === 'compute' || (computed && kind === 'dmaOut')
    groups.at(-1)!.push(one)
  }
  return groups.map((group) => {
    const from = Math.min(...group.map(({ started }) => started))
    const until = Math.max(...group.map(({ finished }) => finished))
    return {
      first: group[0]!.command.index,
      end: group.at(-1)!.command.index + 1,
      from: from - begin,
      until: until - begin,
      command: group.find((one) => kindOf(one) === 'compute')?.command.name ?? group[0]!.command.name,
      macs: group.reduce((sum, { command }) => sum + (command.spec.macs?.(command.fields, parameters) ?? 0), 0),
      busy: busyOf(group, from, until),
      bytesIn: bytesOf(group, 'read'),
      bytesOut: bytesOf(group, 'write'),
    }
  })
}

/** Cycles of each kind of command within a time. Commands of one kind run one after the other. */
function busyOf(commands: readonly TimedCommand[], from: number, until: number): BusyCycles {
  const busy = { compute: 0, dmaIn: 0, dmaOut: 0 }
  for (const one of commands) {
    const cycles = Math.min(one.finished, until) - Math.max(one.started, from)
    if (cycles > 0) busy[kindOf(one)] += cycles
  }
  return busy
}

const totalOf = (split: CycleSplit) => split.compute + split.dmaIn + split.dmaOut + split.cpu + split.idle
const perCycle = (macs: number, cycles: number) => (cycles === 0 ? 0 : macs / cycles)

const addSplits = (a: CycleSplit, b: CycleSplit): CycleSplit => ({
  compute: a.compute + b.compute,
  dmaIn: a.dmaIn + b.dmaIn,
  dmaOut: a.dmaOut + b.dmaOut,
  cpu: a.cpu + b.cpu,
  idle: a.idle + b.idle,
})
