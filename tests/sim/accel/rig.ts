import { cnn } from '../../../accelerators/cnn/hardware.ts'
import type { CnnParameters, parameters as table } from '../../../accelerators/cnn/parameters.ts'
import { CommandFormat } from '../../../sim/accel/layout.ts'
import type { AcceleratorListener } from '../../../sim/accel/listener.ts'
import { AcceleratorModel } from '../../../sim/accel/model.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { control, irq } from '../../../sim/accel/ring-registers.ts'
import { EventQueue } from '../../../sim/events.ts'

export const RAM = 0x8000_0000
export const RAM_BYTES = 1 << 20
/** Where the rig keeps its command ring. */
export const RING = RAM + 0x8_0000

export type Fields = Readonly<Record<string, number>>
export type Commands = readonly (readonly [name: string, fields: Fields])[]

/** Offsets of the registers by name, as firmware has them from its header. */
const offsets = Object.fromEntries(cnn.registers.map(({ name, offset }) => [name, offset]))
/** Bits of the units in token masks. */
export const unit = { load: 1, compute: 2, store: 4 } as const

/** The block with RAM and an interrupt line around it, driven as a driver does: through its registers. */
export class Rig {
  readonly events = new EventQueue()
  readonly ram = new Uint8Array(RAM_BYTES)
  readonly model: AcceleratorModel
  readonly parameters: CnnParameters
  readonly format = new CommandFormat(cnn)
  readonly contention = { dmaActive: false, hartAccesses: 0 }
  interrupt = false

  constructor(overrides: Partial<Record<keyof typeof table, number>> = {}, listener: AcceleratorListener = {}) {
    this.parameters = resolveParameters(cnn, overrides as Record<string, number>)
    const inRam = (address: number, length: number) => address >= RAM && address + length <= RAM + RAM_BYTES
    this.model = new AcceleratorModel(cnn, this.parameters, {
      events: this.events,
      listener,
      contention: this.contention,
      interrupt: { set: (level) => (this.interrupt = level) },
      bus: {
        read: (address, into) => {
          if (!inRam(address, into.length)) return false
          into.set(this.ram.subarray(address - RAM, address - RAM + into.length))
          return true
        },
        write: (address, from) => {
          if (!inRam(address, from.length)) return false
          this.ram.set(from, address - RAM)
          return true
        },
      },
    })
  }

  get(register: string): number {
    return this.model.read(offsets[register]!, 4)!
  }

  set(register: string, value: number): void {
    if (!this.model.write(offsets[register]!, 4, value)) throw new Error(`${register} refuses writes`)
  }

  /** Signed view of a scratchpad. */
  memory(name: string): Int8Array {
    return this.model.memories[name]!
  }

  /** Encodes commands into slots of a ring at RING. */
  write(commands: Commands, firstSlot = 0): void {
    commands.forEach(([name, fields], index) => {
      this.format.encode(name, fields, this.ram, RING - RAM + (firstSlot + index) * this.format.bytes)
    })
  }

  /** Opens a ring of exactly these commands, submits them all, and returns the cycle at which nothing was left to happen. */
  run(commands: Commands): number {
    this.write(commands)
    this.open(commands.length)
    this.set('RING_TAIL', commands.length)
    return this.drain()
  }

  open(slots: number): void {
    this.set('RING_SIZE', slots)
    this.set('RING_BASE', RING)
    this.set('IRQ_ENABLE', irq.fence | irq.error)
    this.set('CONTROL', control.enable)
  }

  /** Lets virtual time pass until nothing is scheduled. */
  drain(): number {
    let last = this.events.now
    while (this.events.next < Number.POSITIVE_INFINITY) {
      last = this.events.next
      this.events.advanceTo(last)
    }
    return last
  }
}

/** Moves `bytes` contiguous bytes; a LOAD or STORE needs no more than this. */
export const move = (ram: number, scratch: number, bytes: number): Fields => ({
  ram,
  scratch,
  bytes,
  rows: 1,
  planes: 1,
})

/** Deterministic numbers. */
export function randomFrom(seed: number): (low: number, high: number) => number {
  let state = seed >>> 0 || 1
  return (low, high) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return low + (state % (high - low + 1))
  }
}
