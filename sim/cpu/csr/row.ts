import type { CsrFile } from './csr-file.ts'

/** One control and status register: everything that instructions, debugger and trace know about it. */
export interface CsrRow {
  readonly address: number
  readonly name: string
  readonly doc: string
  /** Writable bits; none when absent. */
  readonly mask?: number
  readonly reset?: number
  /** Makes a value legal before its writable bits are stored (WARL); `old` is the present value. */
  readonly legalise?: (value: number, old: number) => number
  /** Value of a register that is not stored. */
  readonly read?: (csrs: CsrFile) => number
  /** What a write does beyond, or instead of, storing the masked bits. */
  readonly write?: (csrs: CsrFile, value: number) => void
}
