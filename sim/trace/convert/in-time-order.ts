import type { InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceEvent } from '../events.ts'
import type { TraceVisitor } from '../reader.ts'

/** Who wants instructions and events by their cycles. */
export interface TimedListener {
  instruction(log: InstructionLog, entry: number): void
  event(event: TraceEvent): void
}

/**
 * Puts instructions and events in the order of their cycles: in a trace, an event stands before the instruction that caused it,
 * which began before. Call `finish` at the end.
 */
export function inTimeOrder(listener: TimedListener): TraceVisitor & { finish(): void } {
  let waiting: TraceEvent[] = []
  const release = (until: number) => {
    if (waiting.length === 0) return
    const due = waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
    waiting = waiting.filter(({ at }) => at > until)
    for (const event of due) listener.event(event)
  }
  return {
    instructions: (log) => {
      for (let entry = 0; entry < log.count; entry++) {
        if (waiting.length > 0) release(log.began[entry]!)
        listener.instruction(log, entry)
      }
    },
    event: (event) => {
      waiting.push(event)
      // Without instructions events come in order; with them, few wait.
      if (waiting.length >= MOST_WAITING) release(event.at - 1)
    },
    finish: () => release(Number.POSITIVE_INFINITY),
  }
}

const MOST_WAITING = 64
