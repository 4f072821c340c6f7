/**
 * What a system on chip is made of: one list of blocks, from which the bus, the linker script, the C
 * header and the documents derive. Addresses and sizes are bytes on the 32-bit bus.
 */
export interface SocDescription {
  readonly name: string
  /** Clock of hart, bus and accelerator: one cycle of virtual time. */
  readonly clockHz: number
  /** Rate of the CLINT's mtime; divides `clockHz`. */
  readonly timebaseHz: number
  readonly hart: HartDescription
  readonly blocks: readonly SocBlock[]
}

interface HartDescription {
  /** ISA string as compilers spell it, e.g. `rv32im_zicsr_zifencei`. */
  readonly isa: string
  /** Name of the timing model. */
  readonly cpu: string
  /** What a misaligned load or store does: trap, or two accesses by the hardware. */
  readonly misaligned: 'trap' | 'hardware'
}

interface BlockCommon {
  /** Unique, a C identifier: it becomes `SOC_<NAME>_BASE`. */
  readonly name: string
  readonly base: number
  readonly size: number
  readonly doc: string
}

interface InterruptingBlock extends BlockCommon {
  /** Source number at the PLIC. */
  readonly irq: number
}

/** Clock of a UART whose block gives none: divisor 2 is 115200 baud. */
export const UART_CLOCK_HZ = 3_686_400

/** Every kind of block, by its `kind`. A new kind is one entry here and one builder in `sim/soc/build.ts`. */
export interface BlockKinds {
  /** Read-write memory; the first one holds firmware, heap and stack. `waitStates`: extra cycles of each data access. */
  ram: BlockCommon & { readonly kind: 'ram'; readonly waitStates?: number }
  /** Memory that only the loader of a program fills: boot code. The device tree of `--dtb` stands at its end. */
  rom: BlockCommon & { readonly kind: 'rom'; readonly waitStates?: number }
  /** Test finisher: ends the run. */
  finisher: BlockCommon & { readonly kind: 'finisher' }
  clint: BlockCommon & { readonly kind: 'clint' }
  plic: BlockCommon & { readonly kind: 'plic' }
  /** Serial port; `clockHz`: the clock that its divisor divides, `UART_CLOCK_HZ` when absent. */
  uart16550: InterruptingBlock & { readonly kind: 'uart16550'; readonly clockHz?: number }
  /** Region-of-interest markers: begin, end, exit, check value. */
  markers: BlockCommon & { readonly kind: 'markers' }
  accelerator: AcceleratorBlock
}

/** An accelerator: its registers at `base`, its scratchpads visible at `window`. */
export interface AcceleratorBlock extends InterruptingBlock {
  readonly kind: 'accelerator'
  /** Which accelerator, e.g. `cnn`: the folder in `accelerators/`. */
  readonly accelerator: string
  readonly window: { readonly base: number; readonly size: number }
  /** Parameters that differ from the accelerator's defaults. */
  readonly parameters?: Readonly<Record<string, number>>
}

export type BlockKind = keyof BlockKinds
export type SocBlock = BlockKinds[BlockKind]

/** The block of this kind (the first one), or undefined. */
export function findBlock<K extends BlockKind>(soc: SocDescription, kind: K): BlockKinds[K] | undefined {
  return soc.blocks.find((block) => block.kind === kind) as BlockKinds[K] | undefined
}
