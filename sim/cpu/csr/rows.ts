/**
 * Control and status registers of a machine-mode hart (privileged ISA 20240411, chapter 3; Zicntr of the
 * unprivileged ISA, chapter 8). A row without `read` is stored: writes keep the bits of `mask` (WARL), the others
 * stay as they were at reset. Whether a register is read-only follows from bits 11:10 of its number.
 */
import type { CsrFile } from './csr-file.ts'

export interface CsrRow {
  readonly address: number
  readonly name: string
  readonly doc: string
  /** Writable bits; none when absent. */
  readonly mask?: number
  readonly reset?: number
  /** Value of a register that is not stored. */
  readonly read?: (csrs: CsrFile) => number
  /** What a write does beyond, or instead of, storing the masked bits. */
  readonly write?: (csrs: CsrFile, value: number) => void
}

export const csr = {
  mstatus: 0x300,
  misa: 0x301,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  mstatush: 0x310,
  mcountinhibit: 0x320,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  mcycle: 0xb00,
  minstret: 0xb02,
  mcycleh: 0xb80,
  minstreth: 0xb82,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  cycleh: 0xc80,
  timeh: 0xc81,
  instreth: 0xc82,
} as const

/** Bits of mstatus. */
export const MSTATUS_MIE = 1 << 3
export const MSTATUS_MPIE = 1 << 7
/** Previous privilege: machine mode, the only one there is. */
export const MSTATUS_MPP_MACHINE = 3 << 11

/** Machine software, timer and external interrupt: bits of mie and mip. */
const MACHINE_INTERRUPTS = 0x888
const FIRST_HARDWARE_COUNTER = 3
const LAST_HARDWARE_COUNTER = 31

const low = (value: bigint) => Number(BigInt.asIntN(32, value))
const high = (value: bigint) => Number(BigInt.asIntN(32, value >> 32n))

/** Counters and events that exist but never count. */
const hardwareCounters: CsrRow[] = Array.from(
  { length: LAST_HARDWARE_COUNTER - FIRST_HARDWARE_COUNTER + 1 },
  (_, index) => index + FIRST_HARDWARE_COUNTER,
).flatMap((n) => [
  { address: 0xb00 + n, name: `mhpmcounter${n}`, doc: 'Event counter: always zero' },
  { address: 0xb80 + n, name: `mhpmcounter${n}h`, doc: 'Event counter, high half: always zero' },
  { address: 0x320 + n, name: `mhpmevent${n}`, doc: 'Event selector: always zero' },
])

export const csrRows: readonly CsrRow[] = [
  { address: 0xf11, name: 'mvendorid', doc: 'Vendor: not given' },
  { address: 0xf12, name: 'marchid', doc: 'Architecture: not given' },
  { address: 0xf13, name: 'mimpid', doc: 'Implementation: not given' },
  { address: 0xf14, name: 'mhartid', doc: 'Number of this hart' },
  { address: 0xf15, name: 'mconfigptr', doc: 'Configuration structure: none' },
  {
    address: csr.mstatus,
    name: 'mstatus',
    doc: 'Interrupt enable and its stack',
    mask: MSTATUS_MIE | MSTATUS_MPIE,
    reset: MSTATUS_MPP_MACHINE,
  },
  { address: csr.misa, name: 'misa', doc: 'Instruction set; fixed', read: (csrs) => csrs.misa },
  { address: csr.mie, name: 'mie', doc: 'Interrupts enabled', mask: MACHINE_INTERRUPTS },
  { address: csr.mtvec, name: 'mtvec', doc: 'Trap vector; mode 0 direct, 1 vectored', mask: ~2 },
  { address: csr.mcounteren, name: 'mcounteren', doc: 'Counters for lower modes', mask: 7 },
  { address: csr.mstatush, name: 'mstatush', doc: 'Status, high half: always zero' },
  {
    address: csr.mcountinhibit,
    name: 'mcountinhibit',
    doc: 'Stops mcycle (bit 0) and minstret (bit 2)',
    mask: 5,
    write: (csrs, value) => csrs.inhibitCounters(value),
  },
  { address: csr.mscratch, name: 'mscratch', doc: 'For the trap handler', mask: -1 },
  {
    address: csr.mepc,
    name: 'mepc',
    doc: 'Where the trap came from',
    mask: -1,
    write: (csrs, value) => csrs.setEpc(value),
  },
  { address: csr.mcause, name: 'mcause', doc: 'Why the trap was taken', mask: -1 },
  { address: csr.mtval, name: 'mtval', doc: 'Address or instruction at fault', mask: -1 },
  { address: csr.mip, name: 'mip', doc: 'Interrupts pending; set by devices only', read: (csrs) => csrs.pending },
  {
    address: csr.mcycle,
    name: 'mcycle',
    doc: 'Cycles',
    read: (csrs) => low(csrs.cycle.value),
    write: (csrs, value) => csrs.cycle.setLow(value),
  },
  {
    address: csr.minstret,
    name: 'minstret',
    doc: 'Instructions retired',
    read: (csrs) => low(csrs.instret.value),
    write: (csrs, value) => csrs.instret.setLow(value),
  },
  {
    address: csr.mcycleh,
    name: 'mcycleh',
    doc: 'Cycles, high half',
    read: (csrs) => high(csrs.cycle.value),
    write: (csrs, value) => csrs.cycle.setHigh(value),
  },
  {
    address: csr.minstreth,
    name: 'minstreth',
    doc: 'Instructions retired, high half',
    read: (csrs) => high(csrs.instret.value),
    write: (csrs, value) => csrs.instret.setHigh(value),
  },
  ...hardwareCounters,
  { address: csr.cycle, name: 'cycle', doc: 'Cycles', read: (csrs) => low(csrs.cycle.value) },
  { address: csr.time, name: 'time', doc: 'mtime of the CLINT', read: (csrs) => low(csrs.time()) },
  { address: csr.instret, name: 'instret', doc: 'Instructions retired', read: (csrs) => low(csrs.instret.value) },
  { address: csr.cycleh, name: 'cycleh', doc: 'Cycles, high half', read: (csrs) => high(csrs.cycle.value) },
  { address: csr.timeh, name: 'timeh', doc: 'mtime, high half', read: (csrs) => high(csrs.time()) },
  {
    address: csr.instreth,
    name: 'instreth',
    doc: 'Instructions retired, high half',
    read: (csrs) => high(csrs.instret.value),
  },
]
