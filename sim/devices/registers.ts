/** Bits of a register. */
export interface RegisterField {
  readonly bit: number
  readonly bits: number
  readonly doc: string
}

/** One register of a device: what C header, CMSIS-SVD and documents show, and what the device takes its numbers from. */
export interface RegisterRow {
  /** Bytes from the device's base. */
  readonly offset: number
  /** Lower case, a C identifier. */
  readonly name: string
  readonly size: 1 | 2 | 4
  /** Read, write; `w1c`: writing a one clears the bit. */
  readonly access: 'ro' | 'wo' | 'rw' | 'w1c'
  readonly doc: string
  /** Value after reset, 0 when not given. */
  readonly reset?: number
  readonly fields?: Readonly<Record<string, RegisterField>>
  /** The register stands `count` times, every `stride` bytes. */
  readonly array?: { readonly count: number; readonly stride: number }
  /** When it shares its offset with others: the state in which this one answers, e.g. `dlab`. */
  readonly when?: string
}

/** A field of one bit. */
export const flag = (bit: number, doc: string): RegisterField => ({ bit, bits: 1, doc })

/** The bits of a field, in place. */
export const maskOf = ({ bit, bits }: RegisterField): number => ((2 ** bits - 1) << bit) >>> 0
