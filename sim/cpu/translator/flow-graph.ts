import { type Block, successors } from './region.ts'

/** The blocks of a region as a graph: orders, dominators and loops. Only blocks reachable from block 0 count. */
export interface FlowGraph {
  readonly successors: readonly (readonly number[])[]
  /** Blocks in reverse postorder. */
  readonly order: readonly number[]
  /** Position of each block in `order`. */
  readonly position: readonly number[]
  /** Dominator-tree children of each block, latest in `order` first. */
  readonly children: readonly (readonly number[])[]
  /** Blocks that an edge from a later block in `order` (or themselves) leads to. */
  readonly loopHeads: ReadonlySet<number>
  /** Blocks with two or more forward edges into them. */
  readonly merges: ReadonlySet<number>
  /** Whether every loop has one entry. */
  readonly reducible: boolean
}

/** Analyses the control flow (dominators: Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm"). */
export function analyseFlow(blocks: readonly Block[]): FlowGraph {
  const next = blocks.map(successors)
  const order = reversePostorder(next)
  const position = new Array<number>(blocks.length).fill(-1)
  order.forEach((block, index) => {
    position[block] = index
  })
  const predecessors: number[][] = blocks.map(() => [])
  for (const block of order) for (const to of next[block]!) predecessors[to]!.push(block)
  const dominator = immediateDominators(order, position, predecessors)
  const loopHeads = new Set<number>()
  const merges = new Set<number>()
  let reducible = true
  for (const block of order) {
    const backward = predecessors[block]!.filter((from) => position[from]! >= position[block]!)
    if (backward.length > 0) loopHeads.add(block)
    if (predecessors[block]!.length - backward.length > 1) merges.add(block)
    reducible &&= backward.every((from) => dominates(block, from, dominator))
  }
  return { successors: next, order, position, children: childrenOf(order, dominator), loopHeads, merges, reducible }
}

function reversePostorder(next: readonly (readonly number[])[]): number[] {
  const postorder: number[] = []
  const seen = new Set([0])
  const stack = [{ block: 0, edge: 0 }]
  while (stack.length > 0) {
    const top = stack.at(-1)!
    const to = next[top.block]![top.edge++]
    if (to === undefined) {
      postorder.push(top.block)
      stack.pop()
    } else if (!seen.has(to)) {
      seen.add(to)
      stack.push({ block: to, edge: 0 })
    }
  }
  return postorder.reverse()
}

/** Immediate dominator of each block; block 0 is its own. */
function immediateDominators(
  order: readonly number[],
  position: readonly number[],
  predecessors: readonly (readonly number[])[],
): number[] {
  const dominator = new Array<number>(position.length).fill(-1)
  dominator[0] = 0
  const common = (a: number, b: number): number => {
    let [x, y] = [a, b]
    while (x !== y) {
      if (position[x]! > position[y]!) x = dominator[x]!
      else y = dominator[y]!
    }
    return x
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const block of order.slice(1)) {
      const known = predecessors[block]!.filter((from) => dominator[from] !== -1)
      const found = known.reduce(common)
      changed ||= dominator[block] !== found
      dominator[block] = found
    }
  }
  return dominator
}

function dominates(block: number, other: number, dominator: readonly number[]): boolean {
  let at = other
  while (at !== block && at !== 0) at = dominator[at]!
  return at === block
}

function childrenOf(order: readonly number[], dominator: readonly number[]): number[][] {
  const children: number[][] = dominator.map(() => [])
  for (const block of order.slice(1)) children[dominator[block]!]!.unshift(block)
  return children
}
