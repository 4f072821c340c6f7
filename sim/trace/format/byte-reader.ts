/** Reads what a ByteWriter wrote. @throws RangeError at the end of the bytes: callers read what a checksum protects */
export class ByteReader {
  private readonly buffer: Uint8Array
  private at = 0

  constructor(buffer: Uint8Array) {
    this.buffer = buffer
  }

  get ended(): boolean {
    return this.at >= this.buffer.length
  }

  byte(): number {
    const value = this.buffer[this.at++]
    if (value === undefined) throw new RangeError('a section ends early')
    return value
  }

  unsigned(): number {
    let value = 0
    let weight = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
      weight *= 128
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.unsigned()))
  }

  /** The next bytes, not copied. */
  take(bytes: number): Uint8Array {
    if (this.at + bytes > this.buffer.length) throw new RangeError('a section ends early')
    this.at += bytes
    return this.buffer.subarray(this.at - bytes, this.at)
  }
}
