/** What can be made to go wrong; cycles are those of the SoC clock. */
export type Fault =
  /** A bit of a scratchpad turns over, a random one where none is given. */
  | {
      readonly kind: 'flip'
      readonly scratchpad: string
      readonly at: number
      readonly byte: number | undefined
      readonly bit: number | undefined
    }
  /** Each transfer of the accelerator has one wrong bit with this probability. */
  | { readonly kind: 'flip-dma'; readonly rate: number }
  /** A unit neither ends nor begins a command from this cycle on; a reset does not help. */
  | { readonly kind: 'stuck'; readonly unit: string; readonly at: number }
  /** The nth time that this wire rises, the interrupt controller does not see it. */
  | { readonly kind: 'drop-irq'; readonly source: number; readonly nth: number }
  /** The nth time that this wire rises, the interrupt controller sees it later, if it is still up then. */
  | { readonly kind: 'delay-irq'; readonly source: number; readonly nth: number; readonly cycles: number }
  /** The nth access that touches the range is answered with a bus error: a transfer of the accelerator, or what a hart does. */
  | {
      readonly kind: 'bus-error'
      readonly from: number
      readonly to: number
      readonly nth: number
      readonly access: BusAccess
    }

/** Who accesses memory: the accelerator's transfers, or the hart in one of three ways, or in any of them. */
export const busAccesses = ['dma', 'load', 'store', 'fetch', 'hart'] as const
export type BusAccess = (typeof busAccesses)[number]
