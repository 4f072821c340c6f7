import type { AcceleratorListener } from '../accel/listener.ts'
import { Bus } from '../bus/bus.ts'
import type { Device, InterruptLine } from '../bus/device.ts'
import { Memory } from '../bus/memory.ts'
import { ConsoleInput } from '../console-input.ts'
import { Clint } from '../devices/clint.ts'
import { Finisher } from '../devices/finisher.ts'
import { type Counters, Markers } from '../devices/markers.ts'
import { Plic } from '../devices/plic.ts'
import { Uart16550 } from '../devices/uart16550.ts'
import type { EventQueue } from '../events.ts'
import type { Faults } from '../inject/faults.ts'
import { type BlockKind, type BlockKinds, type SocBlock, type SocDescription, UART_CLOCK_HZ } from './description.ts'
import type { AcceleratorFactory, AttachedAccelerator } from './platform.ts'

/** What the blocks need of the machine around them. */
export interface Surroundings {
  readonly events: EventQueue
  /** Ends the run. */
  readonly exit: (code: number) => void
  /** A byte for the console. */
  readonly transmit: (byte: number) => void
  /** What the first UART receives; the others receive nothing. */
  readonly input: ConsoleInput
  readonly counters: () => Counters
  /** Wire into a bit of the hart's mip. */
  readonly interruptLine: (bit: 'software' | 'timer' | 'external') => InterruptLine
  /** Models by accelerator name. An accelerator without one is left off the bus. */
  readonly accelerators: Readonly<Record<string, AcceleratorFactory>>
  /** Who hears what accelerators do. */
  readonly listener?: AcceleratorListener | undefined
  /** What is made to go wrong. */
  readonly faults?: Faults | undefined
  /** Called when a wire into the interrupt controller changes. */
  readonly onInterruptLine?: ((irq: number, level: boolean) => void) | undefined
}

/** The platform that a description stands for. */
export interface BuiltSoc {
  readonly bus: Bus
  /** The first RAM. */
  readonly memory: Memory
  /** The first ROM. */
  readonly rom: Memory | undefined
  readonly clint: Clint | undefined
  readonly plic: Plic | undefined
  readonly uart: Uart16550 | undefined
  readonly markers: Markers | undefined
  readonly accelerator: AttachedAccelerator | undefined
}

type Builders = { readonly [K in BlockKind]: (block: BlockKinds[K]) => void }

/** Builds every block of a valid description (`checkSoc`) and the bus between them. */
export function buildSoc(soc: SocDescription, around: Surroundings): BuiltSoc {
  const { exit, events, interruptLine, transmit } = around
  const bus = new Bus()
  const built: { -readonly [K in keyof BuiltSoc]?: BuiltSoc[K] } = { bus }
  const attach = <D extends Device>({ name, base, size }: SocBlock, device: D): D => {
    bus.attach({ name, base, size, device })
    return device
  }
  const interrupt = (irq: number): InterruptLine => {
    const plain = { set: (level: boolean) => built.plic?.setLine(irq, level) }
    const wire = around.faults?.wire(irq, plain) ?? plain
    return around.onInterruptLine === undefined ? wire : onChange(wire, (level) => around.onInterruptLine?.(irq, level))
  }
  const builders: Builders = {
    ram: (block) => {
      const memory = attach(block, new Memory(block.name, block.base, block.size, block))
      built.memory ??= memory
    },
    rom: (block) => {
      built.rom ??= attach(block, new Memory(block.name, block.base, block.size, { ...block, readOnly: true }))
    },
    finisher: (block) => attach(block, new Finisher(block.name, exit)),
    clint: (block) => {
      const divider = soc.clockHz / soc.timebaseHz
      const clint = new Clint(block.name, events, divider, interruptLine('software'), interruptLine('timer'))
      built.clint = attach(block, clint)
    },
    plic: (block) => {
      built.plic = attach(block, new Plic(block.name, interruptLine('external')))
    },
    uart16550: (block) => {
      const input = built.uart === undefined ? around.input : new ConsoleInput()
      const cyclesPerClock = soc.clockHz / (block.clockHz ?? UART_CLOCK_HZ)
      const wiring = { events, interrupt: interrupt(block.irq), transmit, input, cyclesPerClock }
      const uart = attach(block, new Uart16550(block.name, wiring))
      built.uart ??= uart
    },
    markers: (block) => {
      built.markers = attach(block, new Markers(block.name, around.counters, exit))
    },
    accelerator: (block) => {
      const factory = around.accelerators[block.accelerator]
      if (factory === undefined) return
      const ports = {
        events,
        memory: around.faults?.master(bus.master()) ?? bus.master(),
        interrupt: interrupt(block.irq),
        contention: bus,
        listener: around.listener,
      }
      const accelerator = factory(block, ports)
      built.accelerator = accelerator
      attach(block, accelerator.registers)
      if (accelerator.window !== undefined) {
        bus.attach({ name: `${block.name} window`, ...block.window, device: accelerator.window })
      }
    },
  }
  for (const block of soc.blocks) (builders[block.kind] as (block: SocBlock) => void)(block)
  return built as BuiltSoc
}

/** A wire whose changes are heard; devices set it again and again. */
function onChange(wire: InterruptLine, heard: (level: boolean) => void): InterruptLine {
  let before = false
  return {
    set: (level) => {
      if (level !== before) heard(level)
      before = level
      wire.set(level)
    },
  }
}
