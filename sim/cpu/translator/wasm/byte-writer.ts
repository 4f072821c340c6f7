/** A growing array of bytes with WebAssembly's variable-length integers (LEB128). */
export class ByteWriter {
  length = 0
  private buffer = new Uint8Array(256)

  /** What was written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1)
    this.buffer[this.length++] = value
  }

  /** Unsigned number up to 2^32 - 1. */
  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed 32-bit number. */
  signed(value: number): void {
    let rest = value | 0
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.byte(rest & 0x7f)
  }

  append(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.buffer.length) this.grow(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Bytes with their number before them. */
  sized(bytes: ArrayLike<number>): void {
    this.unsigned(bytes.length)
    this.append(bytes)
  }

  /** ASCII text with its length before it. */
  name(text: string): void {
    this.sized(Array.from(text, (character) => character.charCodeAt(0)))
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by))
    larger.set(this.bytes)
    this.buffer = larger
  }
}
