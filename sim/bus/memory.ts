import { PagedState, type Pages } from '../snapshot/pages.ts'
import type { AccessSize, Device } from './device.ts'

/** Bytes covered by one flag of `Memory.lineFlags`. */
export const LINE_BYTES = 64
export const LINE_SHIFT = 6
const PAGE_BYTES = 65_536
/** Words of the register file. */
const REGISTERS = 64
/** Code beyond this offset is never translated: its entry table would not fit. */
const MOST_CODE_BYTES = 256 << 20

/** Why a write to a line needs attention; bits of `Memory.lineFlags`. */
export const LINE_CODE = 1
export const LINE_WATCHED = 2
export const LINE_RESERVED = 4
export const LINE_DEBUGGED = 8

/** Told about writes to flagged lines: bus address and length of what was written, after the write. */
export type WriteListener = (address: number, length: number) => void

/** Where the parts of a memory's host buffer begin: its bytes are at 0, the rest serves translated code. */
export interface HostLayout {
  /** `Memory.lineFlags` */
  readonly lineFlags: number
  /** `Memory.registers` */
  readonly registers: number
  /** `Memory.entries` */
  readonly entries: number
  readonly end: number
}

export interface MemoryOptions {
  readonly waitStates?: number
  readonly readOnly?: boolean
}

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
  /** Refuses writes of hart and DMA; only the host fills it. */
  readonly readOnly: boolean
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Int32Array
  readonly lineFlags: Uint8Array
  /** Which half-words of each line `LINE_CODE` is about: a bit each, the first the lowest. */
  private readonly codeMasks: Int32Array
  /** Holds everything that translated code reaches: the bytes, the flags, the hart's registers. Never grows. */
  readonly host: WebAssembly.Memory
  readonly layout: HostLayout
  /** Register file of the hart that runs from this memory. */
  readonly registers: Int32Array
  /** For each half-word of code the translated function that starts there, as the translator defines it; 0 for none. */
  readonly entries: Int32Array
  private readonly view: DataView
  private readonly pages: PagedState
  private readonly listeners: { readonly flag: number; readonly listener: WriteListener }[] = []

  /** @param size bytes, a multiple of `LINE_BYTES` */
  constructor(name: string, base: number, size: number, { waitStates = 0, readOnly = false }: MemoryOptions = {}) {
    this.name = name
    this.base = base
    this.size = size
    this.waitStates = waitStates
    this.readOnly = readOnly
    this.layout = hostLayout(size)
    const { lineFlags, registers, entries, end } = this.layout
    this.host = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) })
    const { buffer } = this.host
    this.bytes = new Uint8Array(buffer, 0, size)
    this.halves = new Uint16Array(buffer, 0, size >>> 1)
    this.words = new Int32Array(buffer, 0, size >>> 2)
    this.view = new DataView(buffer, 0, size)
    this.pages = new PagedState(this.bytes, this.host)
    this.lineFlags = new Uint8Array(buffer, lineFlags, size / LINE_BYTES)
    this.codeMasks = new Int32Array(size / LINE_BYTES)
    this.registers = new Int32Array(buffer, registers, REGISTERS)
    this.entries = new Int32Array(buffer, entries, (end - entries) >>> 2)
  }

  read(offset: number, size: AccessSize): number | undefined {
    if (offset + size > this.size) return undefined
    if (size === 4) return this.view.getUint32(offset, true)
    return size === 2 ? this.view.getUint16(offset, true) : this.bytes[offset]
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (this.readOnly || offset + size > this.size) return false
    if (size === 4) this.view.setUint32(offset, value, true)
    else if (size === 2) this.view.setUint16(offset, value, true)
    else this.bytes[offset] = value
    this.notify(offset, size)
    return true
  }

  /** Copies `from` to `offset`, which must lie inside with all of it; for the host, also to read-only memory. */
  writeBytes(offset: number, from: Uint8Array): void {
    this.bytes.set(from, offset)
    this.notify(offset, from.length)
  }

  save(): Pages {
    return this.pages.save()
  }

  /** Goes back to saved content; listeners hear of what changes, as of any other write. */
  restore(pages: Pages): void {
    this.pages.restore(pages, (offset, from) => this.writeBytes(offset, from))
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

  /** Marks what decoded code was made from: `length` bytes at bus address `address`; writes beside them are not reported. */
  flagCode(address: number, length: number): void {
    this.flag(address, length, LINE_CODE)
    const end = Math.min(address - this.base + length, this.size)
    for (let offset = address - this.base; offset < end; offset += 2)
      this.codeMasks[offset >>> LINE_SHIFT]! |= 1 << (offset >>> 1)
  }

  /** Forgets code in the lines that `length` bytes at bus address `address` touch. */
  unflagCode(address: number, length: number): void {
    this.unflag(address, length, LINE_CODE)
    this.codeMasks.fill(0, ...this.lines(address, length))
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
    if (flags === 0 || (flags === LINE_CODE && !this.holdsCode(offset, length))) return
    for (const { flag, listener } of this.listeners) {
      if ((flags & flag) !== 0) listener(this.base + offset, length)
    }
  }

  /** Whether code was made from any of these bytes. */
  private holdsCode(offset: number, length: number): boolean {
    for (let at = offset & -2; at < offset + length; at += 2) {
      if ((this.codeMasks[at >>> LINE_SHIFT]! >>> (at >>> 1)) & 1) return true
    }
    return false
  }
}

function hostLayout(size: number): HostLayout {
  const registers = (size + size / LINE_BYTES + LINE_BYTES - 1) & -LINE_BYTES
  const entries = registers + REGISTERS * 4
  return { lineFlags: size, registers, entries, end: entries + Math.min(size, MOST_CODE_BYTES) * 2 }
}
