import type { AccessSize } from '../bus/device.ts'
import type { ParameterValues, RegisterSpec } from './description.ts'

/** What a register does beyond holding a value. */
export interface RegisterBehaviour {
  /** Value that a read returns instead of the stored one. */
  read?(): number
  /** Takes a written value instead of storing it. */
  write?(value: number): void
}

/**
 * 32-bit registers from their rows. Only aligned words answer; a write to a read-only register and
 * anything outside the rows is refused, which the bus turns into an access fault.
 */
export class RegisterFile {
  private readonly rows = new Map<number, RegisterSpec>()
  private readonly values = new Map<string, number>()
  private readonly behaviour: Readonly<Record<string, RegisterBehaviour>>

  /** @param behaviour by register name; registers without one store what is written (w1c: clear it) */
  constructor(
    rows: readonly RegisterSpec[],
    parameters: ParameterValues,
    behaviour: Readonly<Record<string, RegisterBehaviour>>,
  ) {
    for (const row of rows) {
      this.rows.set(row.offset, row)
      const reset = typeof row.reset === 'function' ? row.reset(parameters) : row.reset
      this.values.set(row.name, (reset ?? 0) >>> 0)
    }
    for (const name of Object.keys(behaviour))
      if (!this.values.has(name)) throw new RangeError(`no register ${name} to attach behaviour to`)
    this.behaviour = behaviour
  }

  save() {
    return Object.fromEntries(this.values)
  }

  /** @throws RangeError when a register is missing */
  restore(values: ReturnType<RegisterFile['save']>): void {
    for (const name of this.values.keys()) {
      const value = values[name]
      if (value === undefined) throw new RangeError(`no value of ${name}`)
      this.values.set(name, value)
    }
  }

  /** Stored value of a register. */
  get(name: string): number {
    const value = this.values.get(name)
    if (value === undefined) throw new RangeError(`no register ${name}`)
    return value
  }

  /** Sets the stored value from the hardware's side, whatever software may do. */
  set(name: string, value: number): void {
    this.get(name)
    this.values.set(name, value >>> 0)
  }

  read(offset: number, size: AccessSize): number | undefined {
    const row = size === 4 ? this.rows.get(offset) : undefined
    if (row === undefined) return undefined
    if (row.access === 'wo') return 0
    return (this.behaviour[row.name]?.read?.() ?? this.get(row.name)) >>> 0
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    const row = size === 4 ? this.rows.get(offset) : undefined
    if (row === undefined || row.access === 'ro') return false
    const stored = row.access === 'w1c' ? this.get(row.name) & ~value : value
    const write = this.behaviour[row.name]?.write
    if (write !== undefined) write(stored >>> 0)
    else this.set(row.name, stored)
    return true
  }
}
