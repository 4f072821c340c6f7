/**
 * Physical memory protection (privileged ISA 20240411, section 3.7): 16 entries of granularity 4. Every access that the
 * hart makes, misaligned ones included, is checked as one; instruction fetches are checked by half-words.
 */

/** Privilege modes, by their encoding in mstatus.MPP. */
export const USER = 0
export const MACHINE = 3
export type Privilege = typeof USER | typeof MACHINE

export const PMP_ENTRIES = 16

/** What an entry permits: bits of its configuration byte, and of `Pmp.rights`. */
export const PMP_READ = 1
export const PMP_WRITE = 2
export const PMP_EXECUTE = 4
export const PMP_ALL = 7

const LOCKED = 0x80
const MATCHING = 0x18
const TOP_OF_RANGE = 0x08
const FOUR_BYTES = 0x10
const WRITABLE = LOCKED | MATCHING | PMP_ALL
const BYTES_PER_REGISTER = 4

/** What an active entry matches: addresses from `from` up to, not including, `end`. */
export interface PmpRange {
  readonly from: number
  readonly end: number
  readonly config: number
}

/** Entries and what they permit. */
export class Pmp {
  /** Counts changes of the entries, so that whatever was derived from them can tell that it is stale. */
  version = 0
  /** Active entries, the deciding ones first. */
  ranges: readonly PmpRange[] = []
  private readonly configs = new Uint8Array(PMP_ENTRIES)
  private readonly addresses = new Uint32Array(PMP_ENTRIES)

  save() {
    return { configs: this.configs.slice(), addresses: new Uint8Array(this.addresses.buffer.slice(0)) }
  }

  restore({ configs, addresses }: ReturnType<Pmp['save']>): void {
    this.configs.set(configs)
    new Uint8Array(this.addresses.buffer).set(addresses)
    this.change()
  }

  /** Whether an entry holds for machine mode too. */
  get locks(): boolean {
    return this.ranges.some(({ config }) => (config & LOCKED) !== 0)
  }

  /** pmpcfg0 to pmpcfg3: four entries each. */
  readConfigs(register: number): number {
    const bytes = this.configs.subarray(register * BYTES_PER_REGISTER, (register + 1) * BYTES_PER_REGISTER)
    return bytes.reduce((word, byte, index) => word | (byte << (8 * index)), 0)
  }

  /** Locked entries stay. Write permission alone is reserved: the entry then permits neither. */
  writeConfigs(register: number, word: number): void {
    for (let index = 0; index < BYTES_PER_REGISTER; index++) {
      const entry = register * BYTES_PER_REGISTER + index
      if (this.isLocked(entry)) continue
      const byte = (word >>> (8 * index)) & WRITABLE
      this.configs[entry] = (byte & PMP_READ) === 0 ? byte & ~PMP_WRITE : byte
    }
    this.change()
  }

  /** pmpaddr0 to pmpaddr15: bits 33 to 2 of an address. */
  readAddress(entry: number): number {
    return this.addresses[entry]! | 0
  }

  /** A locked entry keeps its address, and that of the entry below when it is the top of a range. */
  writeAddress(entry: number, word: number): void {
    const next = this.configs[entry + 1] ?? 0
    if (this.isLocked(entry) || ((next & LOCKED) !== 0 && (next & MATCHING) === TOP_OF_RANGE)) return
    this.addresses[entry] = word
    this.change()
  }

  /** Whether an access in a mode is permitted; the first entry that matches any of its bytes must match all of them. */
  allows(mode: Privilege, right: number, address: number, bytes: number): boolean {
    const range = this.ranges.find(({ from, end }) => from < address + bytes && address < end)
    if (range === undefined) return mode === MACHINE
    return range.from <= address && address + bytes <= range.end && (rightsOf(range, mode) & right) !== 0
  }

  /** What a mode may do anywhere in `bytes` bytes at `address`; undefined when no single entry decides that. */
  rights(mode: Privilege, address: number, bytes: number): number | undefined {
    const range = this.ranges.find(({ from, end }) => from < address + bytes && address < end)
    if (range === undefined) return defaultRights(mode)
    return range.from <= address && address + bytes <= range.end ? rightsOf(range, mode) : undefined
  }

  private isLocked(entry: number): boolean {
    return (this.configs[entry]! & LOCKED) !== 0
  }

  private change(): void {
    this.version++
    this.ranges = [...this.configs].flatMap((config, entry) => {
      const range = this.matched(config, entry)
      return range !== undefined && range.from < range.end ? [{ ...range, config }] : []
    })
  }

  /** Addresses have 34 bits: plain numbers, as 32-bit operators would cut them. */
  private matched(config: number, entry: number): { from: number; end: number } | undefined {
    const address = this.addresses[entry]!
    switch (config & MATCHING) {
      case 0:
        return undefined
      case TOP_OF_RANGE:
        return { from: entry === 0 ? 0 : this.addresses[entry - 1]! * 4, end: address * 4 }
      case FOUR_BYTES:
        return { from: address * 4, end: address * 4 + 4 }
      default: {
        // Naturally aligned power of two: n trailing ones stand for 2^(n+3) bytes.
        const words = 2 ** (trailingOnes(address) + 1)
        const from = Math.floor(address / words) * words * 4
        return { from, end: from + words * 4 }
      }
    }
  }
}

/** What a mode may do where no entry matches: section 3.7.1. */
export function defaultRights(mode: Privilege): number {
  return mode === MACHINE ? PMP_ALL : 0
}

/** What an entry lets a mode do; only locked ones bind machine mode. */
export function rightsOf({ config }: PmpRange, mode: Privilege): number {
  return mode === MACHINE && (config & LOCKED) === 0 ? PMP_ALL : config & PMP_ALL
}

function trailingOnes(word: number): number {
  const lowestZero = ~word & (word + 1)
  return lowestZero === 0 ? 32 : 31 - Math.clz32(lowestZero)
}
