/** How a run is followed: traces, profiles and the sanitizer are probes. Instants are cycles of the SoC clock. */
import type { AcceleratorListener } from '../accel/listener.ts'
import type { AccessSize } from '../bus/device.ts'
import type { ElfImage } from '../elf/image.ts'
import type { RunResult } from '../run-result.ts'
import type { InstructionLog } from './instruction-log.ts'

/** The hart goes to its trap handler. */
export interface TrapEntry {
  readonly at: number
  /** What mepc gets: the instruction at fault, or the one that the interrupt came before. */
  readonly pc: number
  readonly handler: number
  /** As in mcause, unsigned: bit 31 is set for interrupts. */
  readonly cause: number
  /** As in mtval. */
  readonly value: number
}

/** The hart comes back from a trap handler. */
export interface TrapReturn {
  readonly at: number
  /** Where it goes on, and in which mode. */
  readonly pc: number
  readonly privilege: number
}

/** The hart reads or writes a register of a device, or its memory window. */
export interface DeviceAccess {
  readonly at: number
  /** The instruction that does it. */
  readonly pc: number
  /** Name of the region on the bus. */
  readonly region: string
  readonly offset: number
  readonly size: AccessSize
  readonly write: boolean
  /** What was read or written; undefined when the device refused. */
  readonly value: number | undefined
}

export interface MemoryRange {
  readonly address: number
  readonly bytes: number
}

/** The hart stored to memory that a probe watches; or, seldom, DMA or the host put so few bytes there. */
export interface WatchedStore {
  readonly at: number
  readonly address: number
  readonly size: AccessSize
  /** Zero-extended. */
  readonly value: number
}

/** The hart stood still, in wfi or in a jump to itself. */
export interface Standstill {
  readonly from: number
  readonly until: number
  readonly pc: number
  /** Instructions that retired meanwhile and are in no log: the jump to itself, over and over. */
  readonly instructions: number
}

/**
 * What can be heard of a run. Methods are called in the order of virtual time and may change nothing. All but
 * `instructions` leave the fast engines on. What an instruction causes is heard before the entry of the instruction
 * itself: the event's `pc` tells which it was.
 */
export interface Probe {
  /** A program, or a further image, was loaded; its bytes are heard as `hostWrite`. */
  loaded?(image: ElfImage): void
  /** Memory of a program that was loaded, of which `stored` hears from now on. Code that stores there, or near, runs slower. */
  watches?(image: ElfImage): readonly MemoryRange[]
  /** The hart stored to the 64-byte lines of watched memory. */
  stored?(store: WatchedStore): void
  /** The host, no hart and no DMA, wrote memory: a loader, semihosting, whoever runs the machine. */
  hostWrite?(address: number, bytes: number): void
  /** The run has ended: not when it pauses at a limit, for input or for the debugger. */
  ended?(result: RunResult): void
  /** The machine went to a saved state, that of cycle `at`. */
  restored?(at: number): void
  /** Instructions that have retired since the call before. With one probe that has this, all instructions are recorded. */
  instructions?(log: InstructionLog): void
  trap?(entry: TrapEntry): void
  trapReturn?(back: TrapReturn): void
  device?(access: DeviceAccess): void
  /** A wire into the interrupt controller (its source `irq`) changed its level. */
  interruptLine?(irq: number, level: boolean, at: number): void
  /** The guest sent a byte to its console. */
  transmit?(byte: number, at: number): void
  standstill?(standstill: Standstill): void
  readonly accelerator?: AcceleratorListener
}
