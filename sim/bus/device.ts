import type { State } from '../snapshot/state.ts'

/** Width of one MMIO access in bytes. */
export type AccessSize = 1 | 2 | 4

/**
 * A memory-mapped block. Devices see offsets from their own base, never bus addresses, and only
 * answer yes or no: the bus turns a refusal into the access fault that the specification asks for.
 */
export interface Device {
  readonly name: string
  /** Unsigned value of `size` bytes at `offset`, or undefined when nothing answers there at that size. */
  read(offset: number, size: AccessSize): number | undefined
  /** Stores the low `size` bytes of `value`; false when nothing accepts the access. */
  write(offset: number, size: AccessSize, value: number): boolean
  /** State for a snapshot; absent when the device has none. */
  save?(): State
  /** Takes on a state that a device built the same way saved: see `Saveable`. */
  restore?(state: State): void
}

/** What a block that masters the bus (DMA, command fetch) uses. Both answer false on a bus error. */
export interface BusMaster {
  /** Fills `into` from memory at bus address `address`. */
  read(address: number, into: Uint8Array): boolean
  /** Writes `from` to memory at bus address `address`; decoded code there is invalidated. */
  write(address: number, from: Uint8Array): boolean
}

/** One interrupt wire into the interrupt controller; level sensitive. */
export interface InterruptLine {
  set(level: boolean): void
}
