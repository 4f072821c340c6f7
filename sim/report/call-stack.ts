import type { InstructionLog } from '../probe/instruction-log.ts'
import type { CallColumns, FlameFrame } from './report-data.ts'

/** Where code is: a function with its address range. */
export interface CodePlace {
  readonly name: string
  readonly from: number
  readonly until: number
}

interface Node {
  readonly place: CodePlace
  readonly children: Map<string, Node>
  self: number
}

interface OpenCall {
  readonly node: Node
  readonly from: number
}

/** Spans are thinned when there are more than this. */
const MOST_SPANS = 40_000
const MOST_DEPTH = 200
const NOWHERE: CodePlace = { name: '(unknown)', from: 0, until: 0 }

/**
 * Follows calls by where the hart is: the first instruction of a function is a call, an instruction inside a function
 * that is open further up the stack is a return to it, anything else is a jump into another function in its place.
 */
export class CallStack {
  private readonly placeOf: (pc: number) => CodePlace | undefined
  private readonly root: Node = { place: { ...NOWHERE, name: 'hart' }, children: new Map(), self: 0 }
  private stack: OpenCall[] = []
  private readonly names = new Map<string, number>()
  private spans: { name: number; depth: number; from: number; until: number }[] = []
  private shortest = 0
  private counting = true

  constructor(placeOf: (pc: number) => CodePlace | undefined) {
    this.placeOf = placeOf
  }

  follow(log: InstructionLog): void {
    for (let i = 0; i < log.count; i++) {
      const pc = log.pc[i]!
      const began = log.began[i]!
      const top = this.stack.at(-1)
      const inside = top !== undefined && pc > top.node.place.from && pc < top.node.place.until
      const node = inside ? top.node : this.enter(pc, began)
      if (this.counting) node.self += log.began[i + 1]! - began
    }
  }

  /** Time that passed at `pc` without an instruction: waiting in wfi. */
  stand(from: number, until: number): void {
    if (this.counting) (this.stack.at(-1)?.node ?? this.root).self += until - from
  }

  /** What was counted so far does not count. */
  startCounting(): void {
    forget(this.root)
  }

  /** Nothing counts from here on. */
  stopCounting(): void {
    this.counting = false
  }

  /** Closes what is open at the end. */
  finish(at: number): void {
    this.popTo(0, at)
  }

  flame(): FlameFrame {
    return frameOf(this.root)
  }

  columns(): CallColumns {
    this.spans.sort((a, b) => a.from - b.from || a.depth - b.depth)
    return {
      names: [...this.names.keys()],
      name: this.spans.map(({ name }) => name),
      depth: this.spans.map(({ depth }) => depth),
      from: this.spans.map(({ from }) => from),
      until: this.spans.map(({ until }) => until),
      shortest: this.shortest,
    }
  }

  private enter(pc: number, at: number): Node {
    const place = this.placeOf(pc) ?? NOWHERE
    const { stack } = this
    if (pc !== place.from) {
      const open = stack.findLastIndex(({ node }) => node.place.name === place.name)
      this.popTo(open < 0 ? Math.max(0, stack.length - 1) : open + 1, at)
      if (open >= 0) return stack[open]!.node
    }
    if (stack.length >= MOST_DEPTH) this.popTo(stack.length - 1, at)
    const parent = stack.at(-1)?.node ?? this.root
    let node = parent.children.get(place.name)
    if (node === undefined) {
      node = { place, children: new Map(), self: 0 }
      parent.children.set(place.name, node)
    }
    stack.push({ node, from: at })
    return node
  }

  private popTo(depth: number, at: number): void {
    while (this.stack.length > depth) {
      const { node, from } = this.stack.pop()!
      if (at - from >= this.shortest) this.keep(node.place.name, this.stack.length, from, at)
    }
  }

  private keep(function_: string, depth: number, from: number, until: number): void {
    let name = this.names.get(function_)
    if (name === undefined) this.names.set(function_, (name = this.names.size))
    this.spans.push({ name, depth, from, until })
    if (this.spans.length <= MOST_SPANS) return
    const lengths = this.spans.map((span) => span.until - span.from).sort((a, b) => a - b)
    this.shortest = lengths[lengths.length >> 1]! + 1
    this.spans = this.spans.filter((span) => span.until - span.from >= this.shortest)
  }
}

function forget(node: Node): void {
  node.self = 0
  for (const child of node.children.values()) forget(child)
}

function frameOf({ place, children, self }: Node): FlameFrame {
  const frames = [...children.values()].map(frameOf).filter(({ cycles }) => cycles > 0)
  frames.sort((a, b) => b.cycles - a.cycles)
  return { name: place.name, cycles: frames.reduce((sum, { cycles }) => sum + cycles, self), children: frames }
}
