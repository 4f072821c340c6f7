import { cnn } from '../../accelerators/cnn/hardware.ts'
import type { EffectsKind } from '../../sim/accel/effects.ts'
import { CommandFormat } from '../../sim/accel/layout.ts'
import { AcceleratorModel } from '../../sim/accel/model.ts'
import { resolveParameters } from '../../sim/accel/resolve-parameters.ts'
import { EventQueue } from '../../sim/events.ts'
import { type Shape, scratchpads } from './shapes.ts'

/** Runs one command again and again through the whole block: ring, fetch, checks, timing, effect. */
export class Block {
  readonly commandsPerRound: number = 4
  readonly events = new EventQueue()
  private readonly model: AcceleratorModel

  constructor({ command, fields }: Shape, effects: EffectsKind) {
    const format = new CommandFormat(cnn)
    const ram = new Uint8Array(this.commandsPerRound * format.bytes)
    for (let slot = 0; slot < this.commandsPerRound; slot++) format.encode(command, fields, ram, slot * format.bytes)
    this.model = new AcceleratorModel(cnn, resolveParameters(cnn, scratchpads), {
      events: this.events,
      effects,
      interrupt: { set: () => undefined },
      bus: {
        read(address, into) {
          into.set(ram.subarray(address, address + into.length))
          return true
        },
        write: () => true,
      },
    })
    for (const memory of [this.model.memories.act!, this.model.memories.wgt!])
      for (let i = 0; i < memory.length; i++) memory[i] = (i * 37) % 251
    this.set('RING_SIZE', this.commandsPerRound)
    this.set('CONTROL', 1)
  }

  get macs(): number {
    return this.get('PERF_MACS_LO') + 2 ** 32 * this.get('PERF_MACS_HI')
  }

  round(): void {
    this.set('RING_BASE', 0)
    this.set('RING_TAIL', this.commandsPerRound)
    while (this.events.next < Number.POSITIVE_INFINITY) this.events.advanceTo(this.events.next)
    if (this.model.error !== undefined) throw new Error(this.model.error.message)
  }

  private set(name: string, value: number): void {
    this.model.write(offsetOf(name), 4, value)
  }

  private get(name: string): number {
    return this.model.read(offsetOf(name), 4)!
  }
}

const offsetOf = (name: string) => cnn.registers.find((register) => register.name === name)!.offset
