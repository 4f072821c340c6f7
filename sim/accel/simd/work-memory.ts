import type { SharedMemory } from '../fast-effects.ts'

/** Working memory of one command at a time: handed out piece by piece, all of it free again for the next command. */
export class WorkMemory {
  /** The whole memory as bytes and as words. */
  readonly bytes: Int8Array
  readonly words: Int32Array
  private readonly start: number
  private next: number

  constructor({ memory, work }: SharedMemory) {
    this.bytes = new Int8Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.start = work.from
    this.next = work.from
  }

  /** Whether more was asked for than there is. */
  get exceeded(): boolean {
    return this.next > this.bytes.length
  }

  /** Takes back everything. */
  clear(): void {
    this.next = this.start
  }

  /** Byte offset of a piece of this many bytes, and room for one vector of overrun. */
  take(bytes: number): number {
    const at = this.next
    this.next += (bytes + 31) & ~15
    return at
  }
}
