/** Bytes that grow: numbers in the variable length that traces use (LEB128, and zigzag for signed ones). */
export class ByteWriter {
  length = 0
  private buffer = new Uint8Array(1 << 12)

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1)
    this.buffer[this.length++] = value
  }

  /** A whole number from 0 to 2^53 - 1: seven bits in each byte, the lowest first; bit 7 says that more follow. */
  unsigned(value: number): void {
    if (this.length + MOST_BYTES > this.buffer.length) this.grow(MOST_BYTES)
    const { buffer } = this
    let { length } = this
    let rest = value
    while (rest > 0x7fff_ffff) {
      buffer[length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 0x7f) {
      buffer[length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[length++] = rest
    this.length = length
  }

  /** A whole number of either sign, below 2^52 in size: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** UTF-8, behind its length in bytes. */
  text(value: string): void {
    const bytes = new TextEncoder().encode(value)
    this.unsigned(bytes.length)
    this.append(bytes)
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.buffer.length) this.grow(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was written; valid until more is. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  private grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + more))
    larger.set(this.buffer)
    this.buffer = larger
  }
}

const MOST_BYTES = 8
