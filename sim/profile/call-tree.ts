/** Functions in the contexts that they were called in: a node for each chain of callers. Node 0 is above all. */
export class CallTree {
  /** Node of the caller; parents come before their children. */
  readonly parent: number[] = [0]
  /** Number of the function. */
  readonly function: number[] = [-1]
  /** How often it was called in this context. */
  readonly calls: number[] = [0]
  private readonly known = new Map<number, number>()

  get size(): number {
    return this.parent.length
  }

  /** The node of a function called from a node. */
  child(parent: number, callee: number): number {
    const key = parent * FUNCTIONS + callee
    const known = this.known.get(key)
    if (known !== undefined) return known
    const node = this.parent.length
    this.known.set(key, node)
    this.parent.push(parent)
    this.function.push(callee)
    this.calls.push(0)
    return node
  }

  /** Nodes on the way from the outermost to a node. */
  nodes(node: number): number[] {
    const nodes: number[] = []
    for (let at = node; at !== 0; at = this.parent[at]!) nodes.push(at)
    return nodes.reverse()
  }

  /** Functions on the way from the outermost to a node. */
  path(node: number): number[] {
    return this.nodes(node).map((at) => this.function[at]!)
  }

  /** Sums over a node and everything called from it, for all nodes. */
  totals(self: ArrayLike<number>): Float64Array {
    const totals = Float64Array.from({ length: this.size }, (_, node) => self[node] ?? 0)
    for (let node = this.size - 1; node > 0; node--) totals[this.parent[node]!]! += totals[node]!
    return totals
  }
}

/** More functions than a program has. */
const FUNCTIONS = 1 << 22
