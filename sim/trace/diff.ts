/**
 * Where two traces part. What the hart did (instructions and what they caused), what each unit of the accelerator did, and
 * every other kind of event are compared as sequences of their own: time may interleave them in another way
 * without anything being different. Two sequences are the same when they differ in cycles only. What only one of the traces
 * was recorded with is left out.
 */
import { hex } from '../hex.ts'
import { ACCESS_STORE, InstructionLog } from '../probe/instruction-log.ts'
import { type EventGroup, groupsOf, type TraceEvent } from './events.ts'
import type { TraceReader } from './reader.ts'

/** One step of a sequence. */
export interface TraceStep {
  readonly at: number
  readonly pc: number | undefined
  /** What happened, without its time. */
  readonly text: string
}

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
  /** The first real difference in time, if there is one. */
  readonly difference: TraceDifference | undefined
  /** The first shift in time, if there is one. */
  readonly shift: TimingShift | undefined
  /** Steps that are the same, in all sequences. */
  readonly same: number
  /** What only one of the traces was recorded with: it is not compared. */
  readonly leftOut: readonly EventGroup[]
}

type Part = Omit<TraceComparison, 'leftOut'>

const CONTEXT = 5
const HART = 'hart'

export function diffTraces(a: TraceReader, b: TraceReader): TraceComparison {
  const steps = a.index.reduce((sum, [, , , instructions, events]) => sum + instructions + events, 0)
  if (a.hasChunksOf(b)) return { difference: undefined, shift: undefined, same: steps, leftOut: [] }
  const both = new Set(a.header.events.filter((group) => b.header.events.includes(group)))
  const hart = compare(HART, hartSteps(a, both), hartSteps(b, both))
  const [others, otherB] = [otherSequences(a, both), otherSequences(b, both)]
  const names = [...new Set([...others.keys(), ...otherB.keys()])].sort()
  const all = [hart, ...names.map((name) => compare(name, others.get(name) ?? [], otherB.get(name) ?? []))]
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
    leftOut: [...new Set([...a.header.events, ...b.header.events])].filter((group) => !both.has(group)),
  }
}

function compare(sequence: string, a: Iterable<TraceStep>, b: Iterable<TraceStep>): Part {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  const before: TraceStep[] = []
  let shift: TimingShift | undefined
  for (let same = 0; ; same++) {
    const [x, y] = [left.next().value as TraceStep | undefined, right.next().value as TraceStep | undefined]
    if (x === undefined && y === undefined) return { difference: undefined, shift, same }
    if (x?.text !== y?.text || x === undefined || y === undefined) {
      return { difference: { sequence, same, before, a: x, b: y }, shift, same }
    }
    const late = y.at - x.at
    if (shift === undefined && late !== 0) shift = { sequence, a: x, b: y, first: late, last: late }
    if (shift !== undefined && shift.last !== late) shift = { ...shift, last: late }
    if (before.push(x) > CONTEXT) before.shift()
  }
}

/** What the hart did. Standing still is a matter of time. */
function* hartSteps(trace: TraceReader, groups: ReadonlySet<EventGroup>): Iterable<TraceStep> {
  for (const piece of trace.pieces()) {
    if (piece instanceof InstructionLog) {
      if (!groups.has('commit')) continue
      for (let e = 0; e < piece.count; e++) yield instructionStep(piece, e)
    } else if (sequenceOf(piece) === HART && isIn(piece, groups)) yield eventStep(piece)
  }
}

function otherSequences(trace: TraceReader, groups: ReadonlySet<EventGroup>): Map<string, TraceStep[]> {
  const sequences = new Map<string, TraceStep[]>()
  trace.read({
    event: (event) => {
      const name = sequenceOf(event)
      if (name === HART || name === undefined || !isIn(event, groups)) return
      const steps = sequences.get(name)
      if (steps === undefined) sequences.set(name, [eventStep(event)])
      else steps.push(eventStep(event))
    },
  })
  return sequences
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

function instructionStep(log: InstructionLog, e: number): TraceStep {
  const access = log.access[e]!
  const parts = [`${hex(log.pc[e]!)} (${hex(log.raw[e]!)})`]
  if (log.privilege[e] === 0) parts.push('in user mode')
  if (log.destination[e] !== 0) parts.push(`x${log.destination[e]} = ${hex(log.result[e]!)}`)
  if ((access & ACCESS_STORE) !== 0) parts.push(`stores ${hex(log.stored[e]!)} to ${hex(log.address[e]!)}`)
  else if (access !== 0) parts.push(`loads from ${hex(log.address[e]!)}`)
  for (const { entry, csr, value } of log.controls) if (entry === e) parts.push(`csr ${hex(csr)} = ${hex(value)}`)
  return { at: log.began[e]!, pc: log.pc[e]!, text: parts.join(' ') }
}

function eventStep(event: TraceEvent): TraceStep {
  const { at, kind, ...rest } = event
  const values = Object.entries(rest).map(([name, value]) => `${name} ${valueText(value)}`)
  return { at, pc: 'pc' in event ? event.pc : undefined, text: [kind, ...values].join(' ') }
}

function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return typeof value === 'number' && value > 0xffff ? hex(value) : String(value)
}
