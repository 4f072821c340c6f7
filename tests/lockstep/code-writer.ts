import type { BusMaster, Device } from '../../sim/bus/device.ts'
import { type EventPlace, placeOf, type ScheduledEvent } from '../../sim/events.ts'
import type { Machine } from '../../sim/machine.ts'
import type { State } from '../../sim/snapshot/state.ts'
import { Random } from './random.ts'
import type { Patch } from './random-program.ts'

const BASE = 0x6000_0000
const BYTES = 16
const MOST_CYCLES = 3000

type Saved = { readonly random: number; readonly event: EventPlace }

/**
 * Stands for a DMA: at odd moments it exchanges instructions of the running program through the bus, and takes or
 * frees the memory port.
 */
export class CodeWriter implements Device {
  readonly name = 'code-writer'
  private readonly machine: Machine
  private readonly master: BusMaster
  private readonly patches: readonly Patch[]
  private random: Random
  private event: ScheduledEvent

  constructor(machine: Machine, patches: readonly Patch[], seed: number) {
    this.machine = machine
    this.master = machine.bus.master()
    this.patches = patches
    this.random = new Random(seed)
    this.event = this.schedule()
    machine.bus.attach({ name: this.name, base: BASE, size: BYTES, device: this })
  }

  read(): undefined {
    return undefined
  }

  write(): boolean {
    return false
  }

  save(): State {
    return { random: this.random.state, event: placeOf(this.event) } satisfies Saved
  }

  restore(state: State): void {
    const { random, event } = state as unknown as Saved
    this.random = new Random(0)
    this.random.state = random
    this.event = this.machine.events.resume(event, () => this.act())
  }

  private schedule(): ScheduledEvent {
    const { events } = this.machine
    return events.schedule(events.now + this.random.between(1, MOST_CYCLES), () => this.act())
  }

  private act(): void {
    this.machine.bus.dmaActive = this.random.oneIn(4)
    const { address, toggle } = this.random.pick(this.patches)
    const word = new Int32Array(1)
    const bytes = new Uint8Array(word.buffer)
    this.master.read(address, bytes)
    word[0]! ^= toggle
    this.master.write(address, bytes)
    this.event = this.schedule()
  }
}
