/**
 * Region-of-interest markers: firmware stores to them, the platform measures. A region lasts from the cycle of
 * the begin store (counted) to the cycle of the end store (not counted).
 */
import type { AccessSize, Device } from '../bus/device.ts'
import type { RegisterRow } from './registers.ts'

const BEGIN = 0
const END = 4
const EXIT = 8
const CHECK = 12

export const markersRegisters: readonly RegisterRow[] = [
  { offset: BEGIN, name: 'begin', size: 4, access: 'wo', doc: 'Begin of region N, the value stored' },
  { offset: END, name: 'end', size: 4, access: 'wo', doc: 'End of region N, the value stored' },
  { offset: EXIT, name: 'exit', size: 4, access: 'wo', doc: 'Ends the run with this exit code' },
  { offset: CHECK, name: 'check', size: 4, access: 'wo', doc: 'Reports a check value' },
]

/** One measured region. */
export type MeasuredRegion = {
  readonly id: number
  readonly cycles: number
  readonly instructions: number
}

/** What the platform counts: cycles up to the end of the store, where a core with one port has it accepted. */
export type Counters = {
  readonly cycles: number
  readonly instructions: number
}

export class Markers implements Device {
  readonly name: string
  /** Completed regions in the order of their ends; a region that runs again stands here again. */
  readonly regions: MeasuredRegion[] = []
  /** Check values in the order they were stored. */
  readonly checks: number[] = []
  private readonly open = new Map<number, Counters>()
  private readonly counters: () => Counters
  private readonly exit: (code: number) => void

  constructor(name: string, counters: () => Counters, exit: (code: number) => void) {
    this.name = name
    this.counters = counters
    this.exit = exit
  }

  save() {
    return { regions: [...this.regions], checks: [...this.checks], open: [...this.open] }
  }

  restore({ regions, checks, open }: ReturnType<Markers['save']>): void {
    this.regions.splice(0, this.regions.length, ...regions)
    this.checks.splice(0, this.checks.length, ...checks)
    this.open.clear()
    for (const [id, begin] of open) this.open.set(id, begin)
  }

  read(): undefined {
    return undefined
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4) return false
    if (offset === BEGIN) this.open.set(value, this.counters())
    else if (offset === END) this.end(value)
    else if (offset === EXIT) this.exit(value)
    else if (offset === CHECK) this.checks.push(value)
    else return false
    return true
  }

  private end(id: number): void {
    const begin = this.open.get(id)
    if (begin === undefined) return
    this.open.delete(id)
    const { cycles, instructions } = this.counters()
    this.regions.push({ id, cycles: cycles - begin.cycles, instructions: instructions - begin.instructions })
  }
}
