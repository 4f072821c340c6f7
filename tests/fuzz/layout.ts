/** Where things are: in the address space, in a program's slot, in its results, and in registers. */
import { MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_TW } from '../../sim/cpu/csr/rows.ts'

export const FINISHER = 0x0010_0000
export const CLINT = 0x0200_0000
export const MTIMECMP = CLINT + 0x4000
export const MTIME = CLINT + 0xbff8
export const PLIC = 0x0c00_0000
export const PLIC_ENABLE = PLIC + 0x2000
export const PLIC_THRESHOLD = PLIC + 0x20_0000
export const UART = 0x1000_0000
/** Its number at the PLIC. */
export const UART_SOURCE = 10
export const RAM = 0x8000_0000
export const RAM_BYTES = 16 << 20

/** Offsets in a slot. */
export const SLOT_BYTES = 0x4000
export const CODE_BYTES = 0x2000
export const HANDLER = 0x2000
export const DATA = 0x3000
export const DATA_BYTES = 0x800
export const RESULTS = 0x3800

/** Offsets in the results: what the handler saves, its log, and the final state. */
export const SAVED = 0
export const TRAPS = 0x20
export const ENTRIES = 0x24
/** A word that units may use and that is not compared. */
export const SPARE = 0x28
export const REGISTERS = 0x40
export const CONTROLS = 0xc0
export const LOG = 0x180
export const LOG_ENTRY = 16
export const MOST_TRAPS = 40
export const INITIAL = 0x400

/** Registers with a purpose. */
export const COUNTER = 29
export const RECOVERY = 30
export const CONTEXT = 31

/** The fields of mstatus that this hart has. */
export const STATUS = MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_TW
