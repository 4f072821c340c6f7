/** What registers and memory of random programs are for. */

/** x5 to x15 hold random values, x30 and x31 belong to the trap handler. */
export const SP = 2
export const DATA = 3
export const OUTER = 4
export const LOOP = 16
export const TEMPORARY = 24
export const TABLE = 25
export const DEVICE = 26
export const RECURSION = 27
export const LOG = 29

export const MTIME = 0x0200_bff8
export const MTIMECMP = 0x0200_4000
export const UART = 0x1000_0000

/** Offsets from DATA. */
export const FUNCTIONS = 0x400
export const CASES = 0x440
