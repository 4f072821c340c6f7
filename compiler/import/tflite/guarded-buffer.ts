import { ByteBuffer } from 'flatbuffers'

/** A read that a well-formed file never causes. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
}

/** Reads per byte of file that are plenty for any file whose tables do not all point at the same bytes. */
const READS_PER_BYTE = 32
const READS_AT_LEAST = 100_000

/**
 * A FlatBuffer reader for files that nobody has verified: every access is held to the file's bytes, vectors and
 * strings to what is left of the file, and all accesses together to a budget, so that a damaged file ends in
 * DamagedFile, never in made-up values, a huge allocation or an endless walk over shared vectors.
 */
export class GuardedBuffer extends ByteBuffer {
  private readonly size: number
  private budget: number

  constructor(bytes: Uint8Array) {
    super(bytes)
    this.size = bytes.length
    this.budget = Math.max(READS_AT_LEAST, READS_PER_BYTE * bytes.length)
  }

  /** Every wider read of the base class goes through these three. */
  override readUint8(offset: number): number {
    this.guard(offset, 1)
    return super.readUint8(offset)
  }

  override readUint16(offset: number): number {
    this.guard(offset, 2)
    return super.readUint16(offset)
  }

  override readInt32(offset: number): number {
    this.guard(offset, 4)
    return super.readInt32(offset)
  }

  override __vector_len(offset: number): number {
    const start = offset + this.readInt32(offset)
    return this.checkedLength(start)
  }

  override __string(offset: number): string | Uint8Array {
    this.checkedLength(offset + this.readInt32(offset))
    return super.__string(offset)
  }

  /** The bytes of a vector or of a block outside of the FlatBuffer. */
  slice(start: number, length: number): Uint8Array {
    this.guard(start, length)
    return this.bytes().subarray(start, start + length)
  }

  private checkedLength(start: number): number {
    const length = this.readInt32(start)
    if (length < 0) throw new DamagedFile(`it has a list of ${length} elements at byte ${start}`)
    this.guard(start + 4, length)
    return length
  }

  private guard(offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw new DamagedFile(`it refers to byte ${offset} of ${this.size}`)
    }
    if (--this.budget < 0) throw new DamagedFile('its tables refer to the same bytes over and over')
  }
}
