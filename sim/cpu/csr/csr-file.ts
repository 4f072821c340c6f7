import type { EventCounts } from '../event-counts.ts'
import { Pmp } from '../pmp.ts'
import { Triggers } from '../triggers.ts'
import { Counter } from './counter.ts'
import { EventCounters } from './event-counters.ts'
import type { CsrRow } from './row.ts'
import { csr, csrRows } from './rows.ts'

const byAddress = new Map(csrRows.map((row) => [row.address, row]))

/** What the control registers show of the rest of the hart and platform. */
export interface CsrSources {
  readonly misa: number
  /** Cycles and instructions since reset, up to the start of the present instruction. */
  readonly cycles: () => number
  readonly instructions: () => number
  readonly events: EventCounts
  /** mtime of the platform. */
  readonly time: () => bigint
}

/** The control and status registers of one hart. Values are signed 32-bit words. */
export class CsrFile {
  readonly misa: number
  readonly time: () => bigint
  readonly cycle: Counter
  readonly instret: Counter
  readonly eventCounters: EventCounters
  readonly pmp = new Pmp()
  readonly triggers = new Triggers()
  /** Called after every write of an instruction or the debugger. */
  onWrite: () => void = () => {}
  /** mip: set by the interrupt lines of the platform. */
  pending = 0
  private readonly values = new Int32Array(4096)
  private readonly epcMask: number

  constructor(sources: CsrSources) {
    this.misa = sources.misa
    this.time = sources.time
    this.cycle = new Counter(sources.cycles, 1)
    this.instret = new Counter(sources.instructions, 1)
    this.eventCounters = new EventCounters(sources.events)
    const compressed = (sources.misa & (1 << 2)) !== 0
    this.epcMask = compressed ? ~1 : ~3
    for (const row of csrRows) this.values[row.address] = row.reset ?? 0
  }

  save() {
    return {
      values: new Uint8Array(this.values.buffer.slice(0)),
      pending: this.pending,
      cycle: this.cycle.save(),
      instret: this.instret.save(),
      eventCounters: this.eventCounters.save(),
      pmp: this.pmp.save(),
      triggers: this.triggers.save(),
    }
  }

  restore({ values, pending, cycle, instret, eventCounters, pmp, triggers }: ReturnType<CsrFile['save']>): void {
    new Uint8Array(this.values.buffer).set(values)
    this.pending = pending
    this.cycle.restore(cycle)
    this.instret.restore(instret)
    this.eventCounters.restore(eventCounters)
    this.pmp.restore(pmp)
    this.triggers.restore(triggers)
  }

  /** The row of a register, or undefined when this hart has none of this number. */
  row(address: number): CsrRow | undefined {
    return byAddress.get(address)
  }

  /** Value as `csrr` reads it; zero for a register that does not exist. */
  read(address: number): number {
    const row = byAddress.get(address)
    return row?.read?.(this) ?? this.values[address]!
  }

  /** Writes as `csrw` does: bits that are not writable stay. */
  write(address: number, value: number): void {
    const row = byAddress.get(address)
    const mask = row?.mask ?? 0
    const old = this.values[address]!
    const legal = row?.legalise?.(value, old) ?? value
    this.values[address] = (legal & mask) | (old & ~mask)
    row?.write?.(this, value)
    this.onWrite()
  }

  /** Stored value of a register that the hart itself uses. */
  get(address: number): number {
    return this.values[address]!
  }

  /** Sets a stored register past its write mask, as the hart itself does on traps. */
  set(address: number, value: number): void {
    this.values[address] = value
  }

  /** Raises or lowers one bit of mip. */
  setPending(bit: number, level: boolean): void {
    this.pending = level ? this.pending | (1 << bit) : this.pending & ~(1 << bit)
  }

  /** mepc holds instruction addresses: its low bits are zero (privileged ISA, section 3.1.14). */
  setEpc(value: number): void {
    this.values[csr.mepc] = value & this.epcMask
  }

  inhibitCounters(bits: number): void {
    this.cycle.run((bits & 1) === 0)
    this.instret.run((bits & 4) === 0)
    this.eventCounters.inhibit(bits)
  }
}
