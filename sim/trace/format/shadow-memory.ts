const PAGE_SHIFT = 12
const PAGE_WORDS = 1 << (PAGE_SHIFT - 2)

/**
 * What is known of the bytes of a 32-bit address space, zero where nothing is: sparse, and quick to forget. A word is
 * `words[frames[address >>> FRAME_SHIFT] | ((address >>> 2) & FRAME_MASK)]`.
 */
export class ShadowMemory {
  /** Where the words of each page begin; 0, where all are zero, for a page that nothing was stored to. */
  readonly frames = new Int32Array(1 << (32 - PAGE_SHIFT))
  words = new Int32Array(16 * PAGE_WORDS)
  private readonly used: number[] = []

  /** Bytes at any address, little endian and zero-extended. */
  load(address: number, bytes: number): number {
    const place = address & 3
    if (place + bytes <= 4) return (this.word(address) >>> (place * 8)) & maskOf(bytes)
    let value = 0
    for (let i = 0; i < bytes; i++) value |= ((this.word(address + i) >>> (((address + i) & 3) * 8)) & 0xff) << (i * 8)
    return value
  }

  store(address: number, bytes: number, value: number): void {
    const place = address & 3
    if (place + bytes <= 4) {
      this.merge(address, value << (place * 8), maskOf(bytes) << (place * 8))
      return
    }
    for (let i = 0; i < bytes; i++) {
      const shift = ((address + i) & 3) * 8
      this.merge(address + i, ((value >>> (i * 8)) & 0xff) << shift, 0xff << shift)
    }
  }

  clear(): void {
    for (const page of this.used) this.frames[page] = 0
    this.words.fill(0, 0, (this.used.length + 1) * PAGE_WORDS)
    this.used.length = 0
  }

  /** The word that holds `address`. */
  private word(address: number): number {
    return this.words[this.frames[address >>> FRAME_SHIFT]! | ((address >>> 2) & FRAME_MASK)]!
  }

  /** Replaces the bits in `mask` of the word that holds `address`. */
  private merge(address: number, value: number, mask: number): void {
    const frame = this.frames[address >>> FRAME_SHIFT]! || this.addFrame(address >>> FRAME_SHIFT)
    const index = frame | ((address >>> 2) & FRAME_MASK)
    this.words[index] = (this.words[index]! & ~mask) | (value & mask)
  }

  private addFrame(page: number): number {
    this.used.push(page)
    const frame = this.used.length * PAGE_WORDS
    if (frame === this.words.length) {
      const larger = new Int32Array(this.words.length * 2)
      larger.set(this.words)
      this.words = larger
    }
    this.frames[page] = frame
    return frame
  }
}

export const FRAME_SHIFT = PAGE_SHIFT
export const FRAME_MASK = PAGE_WORDS - 1

const maskOf = (bytes: number) => (bytes === 4 ? -1 : (1 << (bytes * 8)) - 1)
