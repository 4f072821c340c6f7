import type { AccessSize, Device } from './device.ts'

/** Bytes covered by one flag of `Memory.lineFlags`. */
export const LINE_BYTES = 64
const LINE_SHIFT = 6

/** Why a write to a line needs attention; bits of `Memory.lineFlags`. */
export const LINE_CODE = 1
export const LINE_WATCHED = 2

/** Told about writes to flagged lines: bus address and length of what was written, after the write. */
export type WriteListener = (address: number, length: number) => void

/**
 * Byte-addressed little-endian memory. Engines read and write the typed arrays directly, but must go
 * through `write` when `lineFlags` of the line is not zero: decoded code or a watched word is there.
 */
export class Memory implements Device {
  readonly name: string
  /** Bus address of the first byte. */
  readonly base: number
  readonly size: number
  /** Extra cycles of every data access. */
  readonly waitStates: number
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Int32Array
  readonly lineFlags: Uint8Array
  private readonly view: DataView
  private readonly listeners: { readonly flag: number; readonly listener: WriteListener }[] = []

  /** @param size bytes, a multiple of `LINE_BYTES` */
  constructor(name: string, base: number, size: number, waitStates = 0) {
    this.name = name
    this.base = base
    this.size = size
    this.waitStates = waitStates
    const buffer = new ArrayBuffer(size)
    this.bytes = new Uint8Array(buffer)
    this.halves = new Uint16Array(buffer)
    this.words = new Int32Array(buffer)
    this.view = new DataView(buffer)
    this.lineFlags = new Uint8Array(size / LINE_BYTES)
  }

  read(offset: number, size: AccessSize): number | undefined {
    if (offset + size > this.size) return undefined
    if (size === 4) return this.view.getUint32(offset, true)
    return size === 2 ? this.view.getUint16(offset, true) : this.bytes[offset]
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (offset + size > this.size) return false
    if (size === 4) this.view.setUint32(offset, value, true)
    else if (size === 2) this.view.setUint16(offset, value, true)
    else this.bytes[offset] = value
    this.notify(offset, size)
    return true
  }

  /** Copies `from` to `offset`, which must lie inside with all of it. */
  writeBytes(offset: number, from: Uint8Array): void {
    this.bytes.set(from, offset)
    this.notify(offset, from.length)
  }

  /** Whether `length` bytes at bus address `address` lie inside. */
  contains(address: number, length = 1): boolean {
    return address >= this.base && address + length <= this.base + this.size
  }

  /** From now on writes to lines with this flag are reported to `listener`. */
  onFlaggedWrite(flag: number, listener: WriteListener): void {
    this.listeners.push({ flag, listener })
  }

  /** Sets `flag` on every line that `length` bytes at bus address `address` touch. */
  flag(address: number, length: number, flag: number): void {
    const [first, end] = this.lines(address, length)
    for (let line = first; line < end; line++) this.lineFlags[line]! |= flag
  }

  /** Clears `flag` on every line that `length` bytes at bus address `address` touch. */
  unflag(address: number, length: number, flag: number): void {
    const [first, end] = this.lines(address, length)
    for (let line = first; line < end; line++) this.lineFlags[line]! &= ~flag
  }

  /** First line of a range and the one after its last, cut to the memory's end. */
  private lines(address: number, length: number): [first: number, end: number] {
    const offset = address - this.base
    const end = (offset + length + LINE_BYTES - 1) >>> LINE_SHIFT
    return [offset >>> LINE_SHIFT, Math.min(end, this.lineFlags.length)]
  }

  private notify(offset: number, length: number): void {
    let flags = 0
    const last = (offset + length - 1) >>> LINE_SHIFT
    for (let line = offset >>> LINE_SHIFT; line <= last; line++) flags |= this.lineFlags[line]!
    if (flags === 0) return
    for (const { flag, listener } of this.listeners) {
      if ((flags & flag) !== 0) listener(this.base + offset, length)
    }
  }
}
