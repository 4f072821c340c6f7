/**
 * Control and status registers of a hart with machine and user mode (privileged ISA 20240411, chapter 3; Zicntr of the
 * unprivileged ISA, chapter 8). A row without `read` is stored: writes keep the bits of `mask` (WARL), the others
 * stay as they were at reset. Whether a register is read-only follows from bits 11:10 of its number.
 */

import { eventCounterRows } from './event-counter-rows.ts'
import { EVENT_COUNTER_BITS } from './event-counters.ts'
import { pmpRows } from './pmp-rows.ts'
import type { CsrRow } from './row.ts'
import { triggerRows } from './trigger-rows.ts'
import { high, low } from './words.ts'

export const csr = {
  mstatus: 0x300,
  misa: 0x301,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mstatush: 0x310,
  menvcfgh: 0x31a,
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
/** Previous privilege: the mode that mret goes to. */
export const MSTATUS_MPP = 3 << 11
export const MSTATUS_MPP_SHIFT = 11
/** Loads and stores use the rights of the mode in MPP. */
export const MSTATUS_MPRV = 1 << 17
/** wfi in user mode is illegal. */
export const MSTATUS_TW = 1 << 21

/** Machine software, timer and external interrupt: bits of mie and mip. */
const MACHINE_INTERRUPTS = 0x888
/** Bits of mcounteren and mcountinhibit. */
const CYCLE = 1
const TIME = 2
const INSTRET = 4

/** MPP holds the modes that there are, user and machine; the others leave it as it is. */
function legalStatus(value: number, old: number): number {
  const mode = (value & MSTATUS_MPP) >>> MSTATUS_MPP_SHIFT
  return mode === 0 || mode === 3 ? value : (value & ~MSTATUS_MPP) | (old & MSTATUS_MPP)
}

export const csrRows: readonly CsrRow[] = [
  { address: 0xf11, name: 'mvendorid', doc: 'Vendor: not given' },
  { address: 0xf12, name: 'marchid', doc: 'Architecture: not given' },
  { address: 0xf13, name: 'mimpid', doc: 'Implementation: not given' },
  { address: 0xf14, name: 'mhartid', doc: 'Number of this hart' },
  { address: 0xf15, name: 'mconfigptr', doc: 'Configuration structure: none' },
  {
    address: csr.mstatus,
    name: 'mstatus',
    doc: 'Interrupt enable, previous mode, and what user mode may do',
    mask: MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_TW,
    legalise: legalStatus,
  },
  { address: csr.misa, name: 'misa', doc: 'Instruction set; fixed', read: (csrs) => csrs.misa },
  { address: csr.mie, name: 'mie', doc: 'Interrupts enabled', mask: MACHINE_INTERRUPTS },
  { address: csr.mtvec, name: 'mtvec', doc: 'Trap vector; mode 0 direct, 1 vectored', mask: ~2 },
  {
    address: csr.mcounteren,
    name: 'mcounteren',
    doc: 'Counters that user mode may read',
    mask: CYCLE | TIME | INSTRET | EVENT_COUNTER_BITS,
  },
  { address: csr.menvcfg, name: 'menvcfg', doc: 'Environment of user mode: nothing to configure' },
  { address: csr.menvcfgh, name: 'menvcfgh', doc: 'Environment of user mode, high half' },
  { address: csr.mstatush, name: 'mstatush', doc: 'Status, high half: always zero' },
  {
    address: csr.mcountinhibit,
    name: 'mcountinhibit',
    doc: 'Stops mcycle (bit 0), minstret (bit 2) and mhpmcounters (their numbers)',
    mask: CYCLE | INSTRET | EVENT_COUNTER_BITS,
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
  ...eventCounterRows,
  ...pmpRows,
  ...triggerRows,
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
