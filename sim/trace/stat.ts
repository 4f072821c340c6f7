import { nanosecondsPerCycle } from './convert/format.ts'
import type { TraceRange, TraceReader } from './reader.ts'

/** What a trace holds. */
export interface TraceStat {
  readonly program: string
  readonly soc: string
  readonly cpu: string
  readonly recorded: readonly string[]
  readonly complete: boolean
  readonly bytes: number
  readonly chunks: number
  /** Of what the trace holds. */
  readonly firstCycle: number
  readonly lastCycle: number
  readonly seconds: number
  readonly instructions: number
  readonly bytesPerInstruction: number | undefined
  /** How many of each kind there are. */
  readonly events: Readonly<Record<string, number>>
  /** In which the hart stood still; the trace holds them with `trap`. No function has them. */
  readonly waitingCycles: number
  /** Cycles by function, the most first. */
  readonly functions: readonly { readonly name: string; readonly cycles: number; readonly instructions: number }[]
}

/** Reads all of a trace and counts. @param bytes length of the file */
export function traceStat(trace: TraceReader, bytes: number, range: TraceRange = {}): TraceStat {
  const events: Record<string, number> = {}
  const places = new Map<number, { cycles: number; instructions: number }>()
  let instructions = 0
  let waitingCycles = 0
  let [firstCycle, lastCycle] = [Number.POSITIVE_INFINITY, 0]
  const reach = (from: number, until: number) => {
    firstCycle = Math.min(firstCycle, from)
    lastCycle = Math.max(lastCycle, until)
  }
  trace.read(
    {
      instructions: (log) => {
        instructions += log.count
        reach(log.began[0]!, log.began[log.count]!)
        for (let e = 0; e < log.count; e++) {
          let place = places.get(log.pc[e]!)
          if (place === undefined) places.set(log.pc[e]!, (place = { cycles: 0, instructions: 0 }))
          place.cycles += log.began[e + 1]! - log.began[e]!
          place.instructions++
        }
      },
      event: (event) => {
        const { kind, at } = event
        events[kind] = (events[kind] ?? 0) + 1
        if (event.kind === 'idle') waitingCycles += event.until - at
        reach(at, at)
      },
    },
    range,
  )
  const { program, soc, cpu, events: recorded } = trace.header
  firstCycle = Math.min(firstCycle, lastCycle)
  return {
    program,
    soc: soc.name,
    cpu,
    recorded,
    complete: trace.complete,
    bytes,
    chunks: trace.index.length,
    firstCycle,
    lastCycle,
    seconds: ((lastCycle - firstCycle) * nanosecondsPerCycle(trace)) / 1e9,
    instructions,
    bytesPerInstruction: instructions === 0 ? undefined : bytes / instructions,
    events,
    waitingCycles,
    functions: byFunction(trace, places),
  }
}

function byFunction(trace: TraceReader, places: ReadonlyMap<number, { cycles: number; instructions: number }>) {
  const functions = new Map<string, { cycles: number; instructions: number }>()
  for (const [pc, { cycles, instructions }] of places) {
    const name = trace.functionAt(pc)
    const before = functions.get(name) ?? { cycles: 0, instructions: 0 }
    functions.set(name, { cycles: before.cycles + cycles, instructions: before.instructions + instructions })
  }
  return [...functions].map(([name, cost]) => ({ name, ...cost })).sort((a, b) => b.cycles - a.cycles)
}
