import { csr, csrRows } from '../cpu/csr/rows.ts'
import { hex } from '../hex.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import type { Probe } from '../probe/probe.ts'

const csrNames = new Map(csrRows.map((row) => [row.address, row.name]))
const MRET = 0x3020_0073

/**
 * Commit log in the text form of Spike's `--log-commits` (riscv-isa-sim, riscv/execute.cc), one line for each
 * retired instruction: `core   0: 3 <pc> (<encoding>) x<rd> <value> c<csr>_<name> <value> mem <address> <stored>`.
 * Instructions that trap are not logged.
 */
export class CommitLog implements Probe {
  private readonly write: (text: string) => void

  /** @param write gets whole lines */
  constructor(write: (text: string) => void) {
    this.write = write
  }

  instructions(log: InstructionLog): void {
    const controls = new Map<number, string>()
    for (const { entry, csr, value } of log.controls)
      controls.set(entry, (controls.get(entry) ?? '') + control(csr, value))
    let text = ''
    for (let entry = 0; entry < log.count; entry++) text += line(log, entry, controls.get(entry) ?? '')
    this.write(text)
  }
}

function line(log: InstructionLog, entry: number, controls: string): string {
  const raw = log.raw[entry]!
  const rd = log.destination[entry]!
  const register = rd === 0 ? '' : ` x${String(rd).padEnd(2)} ${hex(log.result[entry]!)}`
  // Spike logs both halves of mstatus; the upper one is always 0 here.
  const upper = raw === MRET ? control(csr.mstatush, 0) : ''
  const encoding = sized(raw, (raw & 3) === 3 ? 4 : 2)
  return `core   0: ${log.privilege[entry]} ${hex(log.pc[entry]!)} (${encoding})${register}${controls}${upper}${memory(log, entry)}\n`
}

function control(address: number, value: number): string {
  return ` c${address}_${csrNames.get(address)} ${hex(value)}`
}

/** What it accessed; an amo has read the word before it wrote it. */
function memory(log: InstructionLog, entry: number): string {
  const access = log.access[entry]!
  if (access === 0) return ''
  const address = ` mem ${hex(log.address[entry]!)}`
  const read = (access & ACCESS_LOAD) === 0 ? '' : address
  return (access & ACCESS_STORE) === 0 ? read : `${read}${address} ${sized(log.stored[entry]!, access & ACCESS_BYTES)}`
}

/** Two digits for each byte. */
function sized(value: number, bytes: number): string {
  return `0x${(value >>> 0).toString(16).padStart(bytes * 2, '0')}`
}
