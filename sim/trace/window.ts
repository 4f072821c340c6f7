/** When a trace records. */
import type { InstructionLog } from '../probe/instruction-log.ts'
import type { DeviceAccess } from '../probe/probe.ts'

export interface Window {
  /** Whether what happens at a cycle is recorded. */
  open(at: number): boolean
  /** The entries of a log that are recorded: pieces from one entry up to another. */
  entries(log: InstructionLog): Iterable<readonly [first: number, until: number]>
  /** What opens and closes it, when it is no cycle. */
  device?(access: DeviceAccess): void
  readonly needsInstructions: boolean
}

export const alwaysOpen: Window = {
  open: () => true,
  entries: ({ count }) => [[0, count]],
  needsInstructions: false,
}

/** Records what begins at cycle `from` or later, and before cycle `to`. */
export function cycleWindow(from: number, to: number): Window {
  const open = (at: number) => at >= from && at < to
  return {
    open,
    entries: ({ count, began }) => pieces(count, (entry) => open(began[entry]!)),
    needsInstructions: false,
  }
}

const BEGIN = 0
const END = 4

/** Records while the program is inside of a region of interest: from the store that begins it to the one that ends it. */
export function regionWindow(markers: string, id: number): Window {
  let inside = false
  return {
    open: () => inside,
    entries: ({ count }) => (inside ? [[0, count]] : []),
    device: ({ region, offset, write, value }) => {
      if (region !== markers || !write || value !== id) return
      if (offset === BEGIN) inside = true
      if (offset === END) inside = false
    },
    needsInstructions: false,
  }
}

const RA = 1

/** Records from the first instruction of a function until it has returned, with all that it calls. */
export function functionWindow(entryPoint: () => number | undefined): Window {
  let inside = false
  let returnAddress = 0
  let link = 0
  const follow = (log: InstructionLog, entry: number): boolean => {
    const pc = log.pc[entry]!
    if (inside && pc === returnAddress) inside = false
    if (!inside && pc === entryPoint()) {
      inside = true
      returnAddress = link
    }
    if (log.destination[entry] === RA) link = log.result[entry]! >>> 0
    return inside
  }
  return {
    open: () => inside,
    entries: (log) => pieces(log.count, (entry) => follow(log, entry)),
    needsInstructions: true,
  }
}

function pieces(count: number, keep: (entry: number) => boolean): (readonly [number, number])[] {
  const all: [number, number][] = []
  for (let entry = 0; entry < count; entry++) {
    if (!keep(entry)) continue
    const last = all.at(-1)
    if (last?.[1] === entry) last[1]++
    else all.push([entry, entry + 1])
  }
  return all
}
