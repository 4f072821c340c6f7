/** One register of a simple device, as the C header and the documents show it. */
export interface RegisterRow {
  /** Bytes from the device's base. */
  readonly offset: number
  readonly name: string
  readonly size: 1 | 2 | 4
  readonly access: 'read' | 'write' | 'read-write'
  readonly doc: string
}
