/**
 * The simulated accelerator: registers on the bus, a window to its scratchpads, an interrupt line and
 * a master port for DMA, all from its description.
 */
import type { AccessSize, BusMaster, Device, InterruptLine } from '../bus/device.ts'
import type { EventQueue } from '../events.ts'
import { PagedState } from '../snapshot/pages.ts'
import { describeUnits } from './describe-units.ts'
import type { AcceleratorDescription, ParameterTable, ParameterValues } from './description.ts'
import { Effects, type EffectsKind } from './effects.ts'
import type { AcceleratorError, AcceleratorListener, IssuedCommand } from './listener.ts'
import { type RegisterBehaviour, RegisterFile } from './register-file.ts'
import {
  control,
  errorCodes,
  irq,
  NO_FIELD,
  STATUS_FIRST_UNIT,
  status,
  unitCounters,
  upperSnake,
} from './ring-registers.ts'
import { ScratchpadWindow } from './scratchpad-window.ts'
import { Sequencer } from './sequencer.ts'
import type { PortContention } from './shared-port.ts'

/** What the SoC gives the block. */
export interface AcceleratorConnections {
  readonly events: EventQueue
  readonly bus: BusMaster
  readonly interrupt: InterruptLine
  /** How DMA and the hart share the RAM; left out, they do not. */
  readonly contention?: PortContention
  readonly listener?: AcceleratorListener
  /** How the effects of commands are computed, `fast` when left out; the result is the same. */
  readonly effects?: EffectsKind
}

export class AcceleratorModel implements Device {
  readonly name: string
  /** The scratchpads as the bus sees them. */
  readonly window: Device
  /** Signed views of all memories, for tests and tools. */
  readonly memories: Readonly<Record<string, Int8Array>>
  private readonly pages: Readonly<Record<string, PagedState>>
  private readonly effects: Effects
  private readonly connections: AcceleratorConnections
  private readonly registers: RegisterFile
  private readonly sequencer: Sequencer

  constructor(
    description: AcceleratorDescription<ParameterTable>,
    parameters: ParameterValues,
    connections: AcceleratorConnections,
  ) {
    this.name = description.name
    this.connections = connections
    const specs = description.memories(parameters)
    this.effects = new Effects(description, parameters, connections.effects ?? 'fast')
    this.memories = this.effects.memories
    this.pages = Object.fromEntries(
      Object.entries(this.memories).map(([name, { buffer, byteOffset, length }]) => [
        name,
        new PagedState(new Uint8Array(buffer, byteOffset, length)),
      ]),
    )
    const visible = Object.keys(specs).filter((name) => !specs[name]!.internal)
    this.window = new ScratchpadWindow(
      `${description.name} scratchpads`,
      visible.map((name) => this.memories[name]!),
    )
    const { events, listener, contention } = connections
    this.sequencer = new Sequencer(description, parameters, events, this.sequencerEffects(), listener, contention)
    this.registers = new RegisterFile(description.registers, parameters, {
      ...this.controlBehaviour(),
      ...this.ringBehaviour(),
      ...this.counterBehaviour(),
    })
  }

  /** For fault injection. */
  get units(): readonly { readonly name: string; stuck: boolean }[] {
    return this.sequencer.units
  }

  /** The error that stopped the ring. */
  get error(): AcceleratorError | undefined {
    return this.sequencer.error
  }

  /** What the block is doing, for a person: some lines. */
  describe(): string {
    const { head, tail, units } = this.sequencer
    const state = this.waitingFor() ?? (this.sequencer.idle ? 'idle' : 'at work')
    return `${this.name}: ${state}; ${head} of ${tail} commands fetched\n${describeUnits(units)}`
  }

  /** What keeps the block from getting on, as a sentence; undefined when it is idle or at work. */
  waitingFor(): string | undefined {
    return this.sequencer.waitingFor()
  }

  save() {
    const memories = Object.entries(this.pages).map(([name, pages]) => [name, pages.save()] as const)
    return {
      memories: Object.fromEntries(memories),
      registers: this.registers.save(),
      sequencer: this.sequencer.save(),
    }
  }

  restore({ memories, registers, sequencer }: ReturnType<AcceleratorModel['save']>): void {
    for (const [name, pages] of Object.entries(this.pages)) pages.restore(memories[name]!)
    this.registers.restore(registers)
    this.sequencer.restore(sequencer)
  }

  read(offset: number, size: AccessSize): number | undefined {
    return this.registers.read(offset, size)
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    return this.registers.write(offset, size, value >>> 0)
  }

  private sequencerEffects() {
    const { bus, events } = this.connections
    return {
      fetch: (address: number, into: Uint8Array) => bus.read(address, into),
      execute: (command: IssuedCommand) => this.effects.execute(command, bus, events.now),
      fence: (sequence: number, interrupt: boolean) => {
        this.registers.set('FENCE', sequence)
        if (interrupt) this.raise(irq.fence)
      },
      stopped: (error: AcceleratorError) => {
        this.registers.set('ERROR_CODE', errorCodes[error.kind])
        this.registers.set('ERROR_FIELD', error.fieldIndex ?? NO_FIELD)
        this.registers.set('ERROR_ADDRESS', error.address ?? 0)
        this.registers.set('ERROR_BUS_ADDRESS', error.busAddress ?? 0)
        this.raise(irq.error)
      },
    }
  }

  private controlBehaviour(): Record<string, RegisterBehaviour> {
    return {
      CONTROL: {
        write: (value) => {
          if ((value & control.clearCounters) !== 0) this.sequencer.clearCounters()
          if ((value & control.reset) !== 0) this.reset()
          else this.enable(value & control.enable)
        },
      },
      STATUS: { read: () => this.status() },
      IRQ_ENABLE: { write: (value) => this.setInterrupts('IRQ_ENABLE', value & (irq.fence | irq.error)) },
      IRQ_STATUS: { write: (left) => this.setInterrupts('IRQ_STATUS', left) },
    }
  }

  private ringBehaviour(): Record<string, RegisterBehaviour> {
    return {
      RING_BASE: { write: (value) => this.openRing('RING_BASE', value) },
      RING_SIZE: { write: (value) => this.openRing('RING_SIZE', value) },
      RING_HEAD: { read: () => this.sequencer.head },
      RING_TAIL: { read: () => this.sequencer.tail, write: (value) => this.sequencer.submit(value) },
    }
  }

  private counterBehaviour(): Record<string, RegisterBehaviour> {
    const { totals, units } = this.sequencer
    const wide = (name: string, value: () => number) => ({
      [`PERF_${name}_LO`]: { read: value },
      [`PERF_${name}_HI`]: { read: () => Math.floor(value() / 2 ** 32) },
    })
    const perUnit = units.flatMap(({ name, counters }) =>
      unitCounters.map((counter) => [
        `PERF_${upperSnake(name)}_${upperSnake(counter)}`,
        { read: () => counters[counter] },
      ]),
    )
    return {
      ...Object.fromEntries(perUnit),
      PERF_FRONT_END_BUSY: { read: () => totals.frontEndBusy },
      PERF_FRONT_END_STALLED: { read: () => totals.frontEndStalled },
      PERF_COMMANDS: { read: () => totals.commands },
      ...wide('MACS', () => totals.macs),
      ...wide('BYTES_READ', () => totals.bytesRead),
      ...wide('BYTES_WRITTEN', () => totals.bytesWritten),
    }
  }

  private status(): number {
    const { sequencer } = this
    let value = sequencer.idle ? status.idle : 0
    if (sequencer.error !== undefined) value |= status.error
    for (const unit of sequencer.units) if (!unit.idle) value |= 1 << (STATUS_FIRST_UNIT + unit.index)
    return value
  }

  private openRing(register: 'RING_BASE' | 'RING_SIZE', value: number): void {
    const problem = !this.sequencer.idle
      ? 'was written while the block is not idle'
      : register === 'RING_BASE' && value % 4 !== 0
        ? `= 0x${value.toString(16)} must be a multiple of 4`
        : undefined
    if (problem !== undefined) {
      this.sequencer.stop({ kind: 'ring', message: `${register} ${problem}` })
      return
    }
    this.registers.set(register, value)
    if (register === 'RING_BASE') this.registers.set('FENCE', 0)
    this.sequencer.open(this.registers.get('RING_BASE'), this.registers.get('RING_SIZE'))
  }

  private enable(value: number): void {
    this.registers.set('CONTROL', value)
    this.sequencer.enable(value !== 0)
  }

  private reset(): void {
    this.sequencer.reset()
    const cleared = ['CONTROL', 'RING_BASE', 'RING_SIZE', 'FENCE', 'ERROR_CODE', 'ERROR_FIELD', 'ERROR_ADDRESS']
    for (const name of [...cleared, 'ERROR_BUS_ADDRESS', 'IRQ_ENABLE', 'IRQ_STATUS']) this.registers.set(name, 0)
    this.setInterrupts('IRQ_STATUS', 0)
  }

  private raise(bit: number): void {
    this.setInterrupts('IRQ_STATUS', this.registers.get('IRQ_STATUS') | bit)
  }

  private setInterrupts(register: 'IRQ_ENABLE' | 'IRQ_STATUS', value: number): void {
    this.registers.set(register, value)
    const active = this.registers.get('IRQ_STATUS') & this.registers.get('IRQ_ENABLE')
    this.connections.interrupt.set(active !== 0)
  }
}
