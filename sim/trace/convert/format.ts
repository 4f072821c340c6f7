import { InstructionLog } from '../../probe/instruction-log.ts'
import { type EventGroup, groupsOf } from '../events.ts'
import type { TraceRange, TraceReader, TraceVisitor } from '../reader.ts'

/** Part of a trace. */
export interface Selection extends TraceRange {
  /** What is kept; everything when absent. */
  readonly events?: ReadonlySet<EventGroup>
}

/** A way to write a trace down as text. */
export interface TraceFormat {
  readonly name: string
  readonly summary: string
  /** It shows nothing that was not recorded with one of these; absent when it shows whatever there is. */
  readonly needs?: readonly EventGroup[]
  /** Reads the selected part and gives its text, piece by piece. */
  convert(trace: TraceReader, selection: Selection, write: (text: string) => void): void
}

/** Reads the selected part of a trace. */
export function readSelected(trace: TraceReader, { events, ...range }: Selection, visitor: TraceVisitor): void {
  if (events === undefined) {
    trace.read(visitor, range)
    return
  }
  trace.read(
    {
      ...(events.has('commit') && visitor.instructions && { instructions: (log) => visitor.instructions?.(log) }),
      event: (event) => {
        if (groupsOf(event).some((group) => events.has(group))) visitor.event?.(event)
      },
    },
    range,
  )
}

/** Whether the selected part of a trace holds anything that a format shows. */
export function holdsAnything(trace: TraceReader, { events, ...range }: Selection, { needs }: TraceFormat): boolean {
  const shown = (group: EventGroup) => (events?.has(group) ?? true) && (needs?.includes(group) ?? true)
  for (const piece of trace.pieces(range)) {
    if (piece instanceof InstructionLog ? shown('commit') : groupsOf(piece).some(shown)) return true
  }
  return false
}

/** Nanoseconds of a cycle. */
export const nanosecondsPerCycle = (trace: TraceReader) => 1e9 / trace.header.soc.clockHz
