import { clintRegisters } from '../devices/clint.ts'
import { finisherRegisters } from '../devices/finisher.ts'
import { markersRegisters } from '../devices/markers.ts'
import { plicRegisters } from '../devices/plic.ts'
import type { RegisterRow } from '../devices/registers.ts'
import { uartRegisters } from '../devices/uart16550.ts'
import type { BlockKind } from './description.ts'

/** Registers of the plain devices. Those of an accelerator are part of its own description. */
export const deviceRegisters = {
  finisher: finisherRegisters,
  clint: clintRegisters,
  plic: plicRegisters,
  uart16550: uartRegisters,
  markers: markersRegisters,
} as const satisfies Partial<Record<BlockKind, readonly RegisterRow[]>>

/** What the views of a SoC need to know of an accelerator. */
export interface AcceleratorView {
  readonly doc: string
  /** Registers, with reset values for the block's own parameters. */
  readonly registers: readonly RegisterRow[]
  /** Text of its C header. */
  readonly header: string
}

/** Views of the accelerators by the names of their blocks. */
export type AcceleratorViews = Readonly<Record<string, AcceleratorView>>
