import type { AcceleratorListener } from '../accel/listener.ts'
import type { BusMaster, Device, InterruptLine } from '../bus/device.ts'
import type { EventQueue } from '../events.ts'
import type { AcceleratorBlock } from './description.ts'

/** What an accelerator model gets from the platform it is attached to. */
interface AcceleratorPorts {
  readonly events: EventQueue
  /** DMA port into memory. */
  readonly memory: BusMaster
  readonly interrupt: InterruptLine
  /** Contention: set `dmaActive` (at events) while DMA holds the memory port; `hartAccesses` counts the hart's. */
  readonly contention: { dmaActive: boolean; readonly hartAccesses: number }
  /** Hears what the accelerator does. */
  readonly listener?: AcceleratorListener | undefined
}

/** An accelerator as the bus sees it. */
export interface AttachedAccelerator {
  /** Answers at the block's `base`, and saves the state of the whole block, scratchpads and work in flight included. */
  readonly registers: Device
  /** Scratchpad memories, answering at the block's `window`. */
  readonly window?: Device
  /** Its memories by name, and its units: where faults can be injected. */
  readonly memories?: Readonly<Record<string, Int8Array>>
  readonly units?: readonly { readonly name: string; stuck: boolean }[]
  /** What keeps it from getting on, as a sentence; undefined when it is idle or at work. For deadlock reports. */
  readonly waitingFor?: () => string | undefined
  /** What it is doing, in some lines for a person. */
  readonly describe?: () => string
}

/** Builds the model of an accelerator block; throws UserError when its parameters are impossible. */
export type AcceleratorFactory = (block: AcceleratorBlock, ports: AcceleratorPorts) => AttachedAccelerator
