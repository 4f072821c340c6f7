/**
 * Where two traces part. What the hart did (instructions and what they caused), what each unit of the accelerator did, and
 * every other kind of event are compared as sequences of their own: time may interleave them in another way
 * without anything being different. Two sequences are the same when they differ in cycles only. What only one of the traces
 * was recorded with is left out.
 *
 * However long the traces are, they are read piece by piece: once for each sequence.
 */
import { InstructionLog } from '../../probe/instruction-log.ts'
import { type EventGroup, groupsOf, type TraceEvent } from '../events.ts'
import type { TraceReader } from '../reader.ts'
import { type LayerComparison, layerCycles } from './layer-cycles.ts'
import { type Remark, remarksOn } from './remarks.ts'
import type { TraceStep } from './step.ts'
import { StepCursor } from './step-cursor.ts'

interface TraceDifference {
  /** Which sequence: `hart`, the name of a unit, or a kind of event. */
  readonly sequence: string
  /** How many steps were the same before it; and the last of them. */
  readonly same: number
  readonly before: readonly TraceStep[]
  /** The first steps that differ; undefined where a trace has ended. */
  readonly a: TraceStep | undefined
  readonly b: TraceStep | undefined
}

/** Steps that are the same, but not in the same cycles. */
interface TimingShift {
  readonly sequence: string
  /** The first step that is early or late, in both traces. */
  readonly a: TraceStep
  readonly b: TraceStep
  /** How many cycles `b` is later: at first, and with the last step that is the same. */
  readonly first: number
  readonly last: number
}

export interface TraceComparison {
  /** In what the traces differ before anything has happened. */
  readonly remarks: readonly Remark[]
  /** The first real difference in time, if there is one. */
  readonly difference: TraceDifference | undefined
  /** The first shift in time, if there is one. */
  readonly shift: TimingShift | undefined
  /** Steps that are the same, in all sequences. */
  readonly same: number
  /** Cycles of layers, when both traces have such events of one network. */
  readonly layers: LayerComparison | undefined
  /** What only one of the traces was recorded with: it is not compared. */
  readonly leftOut: readonly EventGroup[]
}

type Part = Pick<TraceComparison, 'difference' | 'shift' | 'same'>

const HART = 'hart'

export function diffTraces(a: TraceReader, b: TraceReader): TraceComparison {
  const both = new Set(a.header.events.filter((group) => b.header.events.includes(group)))
  return {
    remarks: remarksOn(a, b),
    ...compareSequences(a, b, both),
    layers: both.has('layer') ? layerCycles(a, b) : undefined,
    leftOut: [...new Set([...a.header.events, ...b.header.events])].filter((group) => !both.has(group)),
  }
}

function compareSequences(a: TraceReader, b: TraceReader, groups: ReadonlySet<EventGroup>): Part {
  if (a.hasChunksOf(b)) {
    const same = a.index.reduce((sum, [, , , instructions, events]) => sum + instructions + events, 0)
    return { difference: undefined, shift: undefined, same }
  }
  const names = new Set([...sequencesIn(a, groups), ...sequencesIn(b, groups)])
  const cursor = (trace: TraceReader, name: string) =>
    new StepCursor(name === HART ? hartPieces(trace, groups) : eventsIn(trace, name, groups))
  const all = [HART, ...[...names].sort()].map((name) => compare(name, cursor(a, name), cursor(b, name)))
  const earliest = <T>(found: readonly (T | undefined)[], at: (one: T) => number) =>
    found.filter((one) => one !== undefined).sort((x, y) => at(x) - at(y))[0]
  return {
    difference: earliest(
      all.map(({ difference }) => difference),
      ({ a, b }) => Math.min(a?.at ?? Number.POSITIVE_INFINITY, b?.at ?? Number.POSITIVE_INFINITY),
    ),
    shift: earliest(
      all.map(({ shift }) => shift),
      ({ a }) => a.at,
    ),
    same: all.reduce((sum, { same }) => sum + same, 0),
  }
}

function compare(sequence: string, a: StepCursor, b: StepCursor): Part {
  let shift: TimingShift | undefined
  let last = 0
  const shifted = () => shift && { ...shift, last }
  for (let same = 0; ; same++) {
    const [left, right] = [a.next(), b.next()]
    if (!left && !right) return { difference: undefined, shift: shifted(), same }
    if (!left || !right || !a.does(b)) {
      const [x, y] = [left ? a.step() : undefined, right ? b.step() : undefined]
      const before = left ? a.before() : b.before()
      return { difference: { sequence, same, before, a: x, b: y }, shift: shifted(), same }
    }
    last = b.at - a.at
    if (shift === undefined && last !== 0) shift = { sequence, a: a.step(), b: b.step(), first: last, last }
  }
}

/** What the hart did. Standing still is a matter of time. */
function* hartPieces(trace: TraceReader, groups: ReadonlySet<EventGroup>): Iterable<InstructionLog | TraceEvent> {
  for (const piece of trace.pieces()) {
    const wanted =
      piece instanceof InstructionLog ? groups.has('commit') : sequenceOf(piece) === HART && isIn(piece, groups)
    if (wanted) yield piece
  }
}

function* eventsIn(trace: TraceReader, name: string, groups: ReadonlySet<EventGroup>): Iterable<TraceEvent> {
  for (const event of trace.events()) if (sequenceOf(event) === name && isIn(event, groups)) yield event
}

/** Names of the sequences beside the hart's. */
function sequencesIn(trace: TraceReader, groups: ReadonlySet<EventGroup>): Set<string> {
  const names = new Set<string>()
  for (const event of trace.events()) {
    const name = sequenceOf(event)
    if (name !== undefined && name !== HART && isIn(event, groups)) names.add(name)
  }
  return names
}

const isIn = (event: TraceEvent, groups: ReadonlySet<EventGroup>) => groupsOf(event).some((group) => groups.has(group))

function sequenceOf(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'idle':
      return undefined
    case 'trap':
    case 'return':
    case 'mmio':
    case 'mem':
    case 'uart':
      return HART
    case 'queued':
    case 'started':
    case 'finished':
      return event.command.unit
    default:
      return event.kind
  }
}
