import type { Block, BlockEnd, Target } from './region.ts'

/** Most copies of a loop's block, and most instructions in all of them. */
const MOST_COPIES = 4
const MOST_INSTRUCTIONS = 32

/** A block and its copies, in the order in which they run. */
export type Rounds = readonly number[]

export interface UnrolledBlocks {
  readonly blocks: readonly Block[]
  /** By the number of each block that was copied, or is a copy: all of them. */
  readonly rounds: ReadonlyMap<number, Rounds>
}

/**
 * Copies blocks that loop to themselves, so that one look at the time left, one update of the counters and one check
 * of the host's for interruption serve several rounds. Numbers of other blocks stay as they are.
 */
export function unrollLoops(blocks: readonly Block[]): UnrolledBlocks {
  const unrolled = [...blocks]
  const rounds = new Map<number, Rounds>()
  blocks.forEach(({ pc, instructions, end }, number) => {
    if (end.kind !== 'branch' || !(leadsTo(end.taken, number) || leadsTo(end.otherwise, number))) return
    const count = Math.min(MOST_COPIES, Math.floor(MOST_INSTRUCTIONS / instructions.length))
    if (count < 2) return
    const copies = [number, ...Array.from({ length: count - 1 }, (_, copy) => unrolled.length + copy)]
    copies.forEach((copy, round) => {
      unrolled[copy] = { pc, instructions, end: redirect(end, number, copies[round + 1] ?? number) }
      rounds.set(copy, copies)
    })
  })
  return { blocks: unrolled, rounds }
}

function leadsTo(target: Target, block: number): boolean {
  return 'block' in target && target.block === block
}

/** The same branch, but to block `to` instead of `from`. */
function redirect({ kind, taken, otherwise }: BlockEnd & { kind: 'branch' }, from: number, to: number): BlockEnd {
  const change = (target: Target) => (leadsTo(target, from) ? { block: to } : target)
  return { kind, taken: change(taken), otherwise: change(otherwise) }
}
