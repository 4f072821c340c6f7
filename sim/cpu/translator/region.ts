import type { Decoded } from '../decoder.ts'
import type { OperandCycles } from '../timing/operand-cycles.ts'

/** An instruction in its place, with its costs in cycles. */
export interface Instruction {
  readonly decoded: Decoded
  readonly pc: number
  /** Cycles, wait states of a memory access included. */
  readonly cycles: number
  /** More cycles when a branch is taken. */
  readonly taken: number
  /** What the operands' values add, if anything. */
  readonly operandCycles: OperandCycles | undefined
}

/** Why a region is left. */
export type LeaveReason =
  /** The instruction there needs the interpreter. */
  | 'step'
  /** The code there had never been executed when the region was made. */
  | 'edge'
  /** The code there is beyond the region's size. */
  | 'limit'
  /** The function called there has no translation yet, or calls nest too deep. */
  | 'call'
  /** A jump by register goes elsewhere than expected. */
  | 'jump'
  /** The same for a call by register: the function there has no translation yet, or calls nest too deep. */
  | 'callee'
  /** The time that may pass without a look at events is used up. */
  | 'horizon'

/** Where control goes: a block of the region, or out of it to an address, whose code may be known. */
export type Target = { readonly block: number } | { readonly leave: number; readonly known: boolean }

/** How a block ends. Its last instruction, which decides, is among its instructions unless it says otherwise. */
export type BlockEnd =
  | { readonly kind: 'go'; readonly to: Target }
  | { readonly kind: 'branch'; readonly taken: Target; readonly otherwise: Target }
  /** A jump to a computed address that is expected to be one of `targets`. */
  | { readonly kind: 'indirect'; readonly targets: readonly ExpectedTarget[] }
  /** A call of `callee` (undefined when computed) that comes back to `back`. */
  | { readonly kind: 'call'; readonly callee: number | undefined; readonly back: Target }
  /** The instruction at this address, not part of the block, needs the interpreter. */
  | { readonly kind: 'step'; readonly pc: number }

export interface ExpectedTarget {
  readonly pc: number
  readonly block: number
  /** Cycles that a jump by register to this place costs more. */
  readonly entryCycles: number
}

/** Instructions that run one after another; only the last one may go elsewhere. */
export interface Block {
  readonly pc: number
  readonly instructions: readonly Instruction[]
  readonly end: BlockEnd
}

/** Code that is translated into one function: block 0 is where it is entered. */
export interface Region {
  readonly entry: number
  readonly blocks: readonly Block[]
  /** Functions that it calls, as far as their addresses are fixed. */
  readonly callees: ReadonlySet<number>
  /** Number of instructions. */
  readonly size: number
}

/** Blocks that may follow a block. */
export function successors({ end }: Block): number[] {
  switch (end.kind) {
    case 'go':
      return blocksOf(end.to)
    case 'branch':
      return [...blocksOf(end.taken), ...blocksOf(end.otherwise)]
    case 'indirect':
      return end.targets.map((target) => target.block)
    case 'call':
      return blocksOf(end.back)
    case 'step':
      return []
  }
}

function blocksOf(target: Target): number[] {
  return 'block' in target ? [target.block] : []
}
