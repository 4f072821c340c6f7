import type { FlowGraph } from './flow-graph.ts'
import { registerUse } from './operands.ts'
import type { Block } from './region.ts'

/** Where register values are, at the start of each block; bit N for xN. */
export interface RegisterFlow {
  /** Registers whose local may be newer than the register file. */
  readonly dirty: readonly number[]
  /** Registers whose local must hold their value: to be read, or, when dirty, to be stored wherever the region is left. */
  readonly needed: readonly number[]
}

/** Follows registers through a region whose calls store what is dirty and load what is needed after them. */
export function followRegisters(blocks: readonly Block[], graph: FlowGraph): RegisterFlow {
  const summaries = blocks.map(summarise)
  const dirty = new Array<number>(blocks.length).fill(0)
  untilStable(() => {
    let changed = false
    for (const block of graph.order) {
      const after = summaries[block]!.calls ? 0 : dirty[block]! | summaries[block]!.writes
      for (const next of graph.successors[block]!) {
        changed ||= (after & ~dirty[next]!) !== 0
        dirty[next]! |= after
      }
    }
    return changed
  })
  const needed = new Array<number>(blocks.length).fill(0)
  const backward = graph.order.toReversed()
  untilStable(() => {
    let changed = false
    for (const block of backward) {
      const { reads, writes, calls } = summaries[block]!
      const after = calls ? 0 : graph.successors[block]!.reduce((bits, next) => bits | needed[next]!, 0)
      const before = reads | dirty[block]! | (after & ~writes)
      changed ||= before !== needed[block]
      needed[block] = before
    }
    return changed
  })
  return { dirty, needed }
}

interface Summary {
  /** Read before anything in the block writes them. */
  readonly reads: number
  readonly writes: number
  readonly calls: boolean
}

function summarise({ instructions, end }: Block): Summary {
  let reads = 0
  let writes = 0
  for (const { decoded } of instructions) {
    const use = registerUse(decoded)
    reads |= use.reads & ~writes
    writes |= use.writes
  }
  return { reads, writes, calls: end.kind === 'call' }
}

function untilStable(step: () => boolean): void {
  while (step());
}
