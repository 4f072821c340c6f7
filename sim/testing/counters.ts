import type { Machine } from '../machine.ts'
import type { AcceleratorView } from '../soc/registers.ts'

/** Counters of the accelerator, by name: `commands`, `macs`, `bytesRead`, `loadBusy`, `computeWaitToken`, ... */
export type Counters = Readonly<Record<string, number>>

const PREFIX = 'PERF_'
const HIGH = '_HI'

/** Reads all performance counters, which has no effect on them. */
export function readCounters(machine: Machine, view: AcceleratorView | undefined): Counters {
  const counters: Record<string, number> = {}
  for (const { name, offset } of view?.registers ?? []) {
    if (!name.startsWith(PREFIX)) continue
    const value = machine.accelerator?.registers.read(offset, 4) ?? 0
    const key = camelCase(name.slice(PREFIX.length).replace(/_(LO|HI)$/, ''))
    counters[key] = (counters[key] ?? 0) + (name.endsWith(HIGH) ? value * 2 ** 32 : value)
  }
  return counters
}

const camelCase = (name: string) => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
