import type { CallTree } from '../profile/call-tree.ts'
import type { CallColumns } from './report-data.ts'

interface OpenCall {
  readonly node: number
  readonly from: number
}

interface Span extends OpenCall {
  readonly depth: number
  readonly until: number
}

/** Spans are thinned when there are more than this. */
const MOST_SPANS = 40_000
/** Deeper calls are not kept. */
const MOST_DEPTH = 64

/** When the hart was in which function, by depth of the call: from one move in the call tree to the next. */
export class CallSpans {
  private open: OpenCall[] = []
  private spans: Span[] = []
  private shortest = 0
  private readonly tree: () => CallTree

  constructor(tree: () => CallTree) {
    this.tree = tree
  }

  /** The hart goes on in a node of the tree; 0 is none. */
  moveTo(node: number, at: number): void {
    const path = this.tree().nodes(node)
    const differs = this.open.findIndex((call, depth) => call.node !== path[depth])
    this.closeTo(differs < 0 ? this.open.length : differs, at)
    for (const next of path.slice(this.open.length)) this.open.push({ node: next, from: at })
  }

  /** What was before does not count. */
  forget(): void {
    this.open = []
    this.spans = []
    this.shortest = 0
  }

  /** @param nameOf name of a function by its number in the tree */
  columns(nameOf: (number: number) => string): CallColumns {
    const tree = this.tree()
    const spans = this.spans.toSorted((a, b) => a.from - b.from || a.depth - b.depth)
    const functions = spans.map(({ node }) => tree.function[node]!)
    const numbers = [...new Set(functions)]
    const positions = new Map(numbers.map((number, position) => [number, position]))
    return {
      names: numbers.map(nameOf),
      name: functions.map((number) => positions.get(number)!),
      depth: spans.map(({ depth }) => depth),
      from: spans.map(({ from }) => from),
      until: spans.map(({ until }) => until),
      shortest: this.shortest,
    }
  }

  private closeTo(depth: number, until: number): void {
    while (this.open.length > depth) {
      const { node, from } = this.open.pop()!
      if (until - from >= this.shortest && this.open.length < MOST_DEPTH) {
        this.keep({ node, from, until, depth: this.open.length })
      }
    }
  }

  private keep(span: Span): void {
    this.spans.push(span)
    if (this.spans.length <= MOST_SPANS) return
    const lengths = this.spans.map(({ from, until }) => until - from).sort((a, b) => a - b)
    const median = lengths[lengths.length >> 1]!
    // A quarter or more goes every time, also when most are of one length.
    this.shortest = lengths[lengths.length >> 2]! < median ? median : median + 1
    this.spans = this.spans.filter(({ from, until }) => until - from >= this.shortest)
  }
}
