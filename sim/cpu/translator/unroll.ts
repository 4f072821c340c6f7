import type { Block, BlockEnd, Target } from './region.ts'

/** Most copies of a loop's block, and most instructions in all of them. */
const MOST_COPIES = 4
const MOST_INSTRUCTIONS = 32

/**
 * Copies blocks that loop to themselves, so that one look at the time left, one update of the counters and one check
 * of the host's for interruption serve several rounds. Numbers of other blocks stay as they are.
 */
export function unrollLoops(blocks: readonly Block[]): readonly Block[] {
  const unrolled = [...blocks]
  blocks.forEach(({ pc, instructions, end }, number) => {
    if (end.kind !== 'branch' || !(leadsTo(end.taken, number) || leadsTo(end.otherwise, number))) return
    const copies = Math.min(MOST_COPIES, Math.floor(MOST_INSTRUCTIONS / instructions.length))
    let latest = number
    for (let copy = 1; copy < copies; copy++) {
      const next = unrolled.length
      unrolled[latest] = { pc, instructions, end: redirect(end, number, next) }
      unrolled.push({ pc, instructions, end })
      latest = next
    }
  })
  return unrolled
}

function leadsTo(target: Target, block: number): boolean {
  return 'block' in target && target.block === block
}

/** The same branch, but to block `to` instead of `from`. */
function redirect({ kind, taken, otherwise }: BlockEnd & { kind: 'branch' }, from: number, to: number): BlockEnd {
  const change = (target: Target) => (leadsTo(target, from) ? { block: to } : target)
  return { kind, taken: change(taken), otherwise: change(otherwise) }
}
