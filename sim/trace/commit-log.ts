import type { AccessSize } from '../bus/device.ts'
import { csr, csrRows } from '../cpu/csr/rows.ts'
import type { Decoded } from '../cpu/decoder.ts'
import type { Hart } from '../cpu/hart.ts'
import type { StepObserver } from '../cpu/step.ts'
import { hex } from '../hex.ts'
import type { Tracer } from '../machine.ts'

const csrNames = new Map(csrRows.map((row) => [row.address, row.name]))

/**
 * Commit log in the text form of Spike's `--log-commits` (riscv-isa-sim, riscv/execute.cc), one line for each
 * retired instruction: `core   0: 3 <pc> (<encoding>) x<rd> <value> c<csr>_<name> <value> mem <address> <stored>`.
 * Instructions that trap are not logged.
 */
export class CommitLog implements Tracer {
  readonly observer: StepObserver
  private readonly write: (line: string) => void
  private pc = 0
  private privilege = 0
  private controls: { readonly address: number; readonly value: number }[] = []
  private memory = ''

  /** @param write gets each line, with its end */
  constructor(write: (line: string) => void) {
    this.write = write
    this.observer = {
      load: (address) => {
        this.memory += ` mem ${hex(address)}`
      },
      store: (address, size, value) => {
        this.memory += ` mem ${hex(address)} ${sized(value, size)}`
      },
      csrWrite: (address, value) => {
        this.controls.push({ address, value })
      },
    }
  }

  before(hart: Hart): void {
    this.pc = hart.pc
    this.privilege = hart.privilege
    this.controls = []
    this.memory = ''
  }

  retired(hart: Hart, { row, raw, length, rd }: Decoded): void {
    if (row.name === 'mret') this.controls.push({ address: csr.mstatush, value: hart.csrs.read(csr.mstatush) })
    const register = rd === 0 ? '' : ` x${String(rd).padEnd(2)} ${hex(hart.x[rd]!)}`
    const controls = this.controls.map(({ address, value }) => ` c${address}_${csrNames.get(address)} ${hex(value)}`)
    const encoding = sized(raw, length)
    this.write(
      `core   0: ${this.privilege} ${hex(this.pc)} (${encoding})${register}${controls.join('')}${this.memory}\n`,
    )
  }
}

/** Two digits for each byte. */
function sized(value: number, bytes: AccessSize): string {
  return `0x${(value >>> 0).toString(16).padStart(bytes * 2, '0')}`
}
