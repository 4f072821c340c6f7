const decoder = new TextDecoder()

/** Reads the little-endian values that DWARF is made of, one after the other. Beyond the end everything is zero. */
export class ByteReader {
  at: number
  private readonly view: DataView
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  get length(): number {
    return this.bytes.length
  }

  u8(): number {
    return this.bytes[this.at++] ?? 0
  }

  i8(): number {
    return (this.u8() << 24) >> 24
  }

  u16(): number {
    return this.u8() | (this.u8() << 8)
  }

  u32(): number {
    const { at } = this
    this.at += 4
    return this.at <= this.bytes.length ? this.view.getUint32(at, true) : 0
  }

  /** An unsigned integer of 1 to 8 bytes; exact up to 2^53. Damaged data asks for more, and gets 8. */
  unsigned(size: number): number {
    let value = 0
    for (let i = 0; i < Math.min(size, 8); i++) value += this.u8() * 2 ** (8 * i)
    return value
  }

  /** Unsigned LEB128. */
  uleb(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  /** Signed LEB128. */
  sleb(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value
    }
  }

  /** Text up to a zero byte. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at)
    const stop = end < 0 ? this.bytes.length : end
    const text = decoder.decode(this.bytes.subarray(this.at, stop))
    this.at = stop + 1
    return text
  }

  skip(bytes: number): void {
    this.at += bytes
  }
}

/** Text at an offset of a string section; empty outside of it. */
export function textAt(bytes: Uint8Array | undefined, offset: number): string {
  return bytes === undefined || offset >= bytes.length ? '' : new ByteReader(bytes, offset).text()
}
