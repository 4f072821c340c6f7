import type { FlowGraph } from './flow-graph.ts'
import { type Block, type BlockEnd, type Instruction, successors } from './region.ts'

/** Blocks where the time left is looked at: the entry, loop heads, and where calls come back to. */
export function checkpoints(blocks: readonly Block[], graph: FlowGraph): ReadonlySet<number> {
  const backs = graph.order
    .filter((block) => blocks[block]!.end.kind === 'call')
    .flatMap((block) => graph.successors[block]!)
  return new Set([0, ...graph.loopHeads, ...backs])
}

/** For each block the most cycles from its start to the next checkpoint or the way out. */
export function longestPaths(blocks: readonly Block[], graph: FlowGraph, stops: ReadonlySet<number>): number[] {
  const longest = new Array<number>(blocks.length).fill(0)
  for (const block of graph.order.toReversed()) {
    const after = successors(blocks[block]!).map((next) => (stops.has(next) ? 0 : longest[next]!))
    longest[block] = mostCycles(blocks[block]!) + Math.max(0, ...after)
  }
  return longest
}

function mostCycles({ instructions, end }: Block): number {
  const most = instructions.reduce((sum, { cycles, operandCycles }) => sum + cycles + (operandCycles?.most ?? 0), 0)
  return most + mostEndCycles(end, instructions.at(-1))
}

function mostEndCycles(end: BlockEnd, last: Instruction | undefined): number {
  if (end.kind === 'branch') return last!.taken
  return end.kind === 'indirect' ? Math.max(0, ...end.targets.map(({ entryCycles }) => entryCycles)) : 0
}
