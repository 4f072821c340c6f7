/**
 * Finds the code that belongs to a hot address:
 *
 *  1. Follow control flow from the address through everything that was executed before (it is decoded then),
 *     breadth first, up to a number of instructions. What was never executed is left out.
 *  2. Calls of small functions that call nothing big themselves are followed into the function, once for each call,
 *     so that a call in a loop costs nothing; other calls stay calls.
 *  3. Cut what was found into blocks.
 */
import { type CodeView, compareAddresses } from './code-view.ts'
import { isLink } from './operands.ts'
import type { Block, BlockEnd, Instruction, Region, Target } from './region.ts'

/** Most instructions of a region. */
const REGION_LIMIT = 1500
/** Most instructions of a function that is copied into its caller, with all that it calls. */
const INLINE_LIMIT = 32
/** Most instructions that are copied into one region in all. */
const INLINE_TOTAL = 400
/** Deepest nesting of functions copied into one another. */
const INLINE_DEPTH = 4

/** The function that code belongs to: the region's own, or one that was copied in at a call. */
interface Context {
  /** Where this function returns to; undefined for the region's own. */
  readonly back: { readonly pc: number; readonly context: Context } | undefined
  /** First address of the function, to notice recursion. */
  readonly entry: number
  readonly depth: number
  /** Instructions found in it, by address. */
  readonly nodes: Map<number, Node>
  /** Addresses where blocks begin. */
  readonly leaders: Set<number>
}

/** An address in a context. */
interface Place {
  readonly pc: number
  readonly context: Context
}

/** An instruction that was found, with the places where it may lead. */
interface Node {
  readonly place: Place
  /** Undefined when the interpreter has to carry it out. */
  readonly instruction: Instruction | undefined
  readonly flow: Flow
}

type Flow =
  | { readonly kind: 'next'; readonly to: Place }
  | { readonly kind: 'go'; readonly to: Place }
  | { readonly kind: 'branch'; readonly taken: Place; readonly otherwise: Place }
  | { readonly kind: 'indirect'; readonly targets: readonly Place[] }
  | { readonly kind: 'call'; readonly callee: number | undefined; readonly back: Place }
  | { readonly kind: 'step' }

function newContext(entry: number, back: Place | undefined): Context {
  return { entry, back, depth: back === undefined ? 0 : back.context.depth + 1, nodes: new Map(), leaders: new Set() }
}

/** How a block may end. */
type Ending = Exclude<Flow, { readonly kind: 'next' } | { readonly kind: 'step' }>

/** Addresses as keys are signed: small integers to the host. */
const nodeAt = ({ pc, context }: Place): Node | undefined => context.nodes.get(pc | 0)
const isLeader = ({ pc, context }: Place): boolean => context.leaders.has(pc | 0)

/** The region of the code at `entry`; undefined when its first instruction cannot be translated. */
export function discoverRegion(code: CodeView, entry: number): Region | undefined {
  const discovery = new Discovery(code, entry)
  const nodes = discovery.run()
  return nodes.length === 0 ? undefined : discovery.cut(nodes)
}

class Discovery {
  private readonly code: CodeView
  private readonly start: Place
  private readonly sizes = new Map<number, number>()
  private readonly callees = new Set<number>()
  private inlined = 0

  constructor(code: CodeView, entry: number) {
    this.code = code
    this.start = { pc: entry, context: newContext(entry, undefined) }
  }

  /** Every instruction that belongs to the region, in the order found. */
  run(): Node[] {
    const queue: Place[] = [this.start]
    const found: Node[] = []
    this.start.context.leaders.add(this.start.pc | 0)
    for (let head = 0; head < queue.length && found.length < REGION_LIMIT; head++) {
      const place = queue[head]!
      if (nodeAt(place) !== undefined || !this.code.known(place.pc)) continue
      const node = this.visit(place)
      place.context.nodes.set(place.pc | 0, node)
      found.push(node)
      for (const next of placesAfter(node.flow)) {
        if (node.flow.kind !== 'next') next.context.leaders.add(next.pc | 0)
        queue.push(next)
      }
    }
    return found
  }

  /** The region's blocks: from each leader up to the next one. */
  cut(nodes: readonly Node[]): Region {
    const firsts = nodes.filter(({ place }) => isLeader(place))
    const numbers = new Map(firsts.map((node, index) => [node, index]))
    const target = (place: Place): Target => {
      const node = nodeAt(place)
      const block = node && numbers.get(node)
      return block === undefined ? { leave: place.pc, known: this.code.known(place.pc) } : { block }
    }
    return {
      entry: this.start.pc,
      blocks: firsts.map((node) => this.blockFrom(node, target)),
      callees: this.callees,
      size: nodes.length,
    }
  }

  private blockFrom(first: Node, target: (place: Place) => Target): Block {
    const instructions: Instruction[] = []
    let node = first
    for (;;) {
      const { flow } = node
      if (flow.kind === 'step') return { pc: first.place.pc, instructions, end: { kind: 'step', pc: node.place.pc } }
      instructions.push(node.instruction!)
      if (flow.kind !== 'next') return { pc: first.place.pc, instructions, end: this.endOf(flow, target) }
      const next = nodeAt(flow.to)
      if (next === undefined || isLeader(flow.to)) {
        return { pc: first.place.pc, instructions, end: { kind: 'go', to: target(flow.to) } }
      }
      node = next
    }
  }

  private endOf(flow: Ending, target: (place: Place) => Target): BlockEnd {
    switch (flow.kind) {
      case 'go':
        return { kind: 'go', to: target(flow.to) }
      case 'branch':
        return { kind: 'branch', taken: target(flow.taken), otherwise: target(flow.otherwise) }
      case 'call':
        return { kind: 'call', callee: flow.callee, back: target(flow.back) }
      case 'indirect': {
        const targets = flow.targets.flatMap(({ pc, context }) => {
          const to = target({ pc, context })
          return 'block' in to ? [{ pc, block: to.block, entryCycles: this.code.entryCycles(pc) }] : []
        })
        return { kind: 'indirect', targets }
      }
    }
  }

  private visit(place: Place): Node {
    const instruction = this.code.instruction(place.pc)
    if (instruction === undefined) return { place, instruction, flow: { kind: 'step' } }
    const { context } = place
    const { decoded, pc } = instruction
    const next = { pc: (pc + decoded.length) >>> 0, context }
    const relative = (pc + decoded.imm) >>> 0
    switch (decoded.row.format) {
      case 'B':
        return { place, instruction, flow: { kind: 'branch', taken: { pc: relative, context }, otherwise: next } }
      case 'J':
        return { place, instruction, flow: this.jump(place, relative, decoded.rd, next) }
      case 'jalr':
        return { place, instruction, flow: this.jumpRegister(place, instruction, next) }
      default:
        return { place, instruction, flow: { kind: 'next', to: next } }
    }
  }

  private jump({ context }: Place, callee: number, rd: number, back: Place): Flow {
    if (!isLink(rd)) return { kind: 'go', to: { pc: callee, context } }
    const inside = this.copied(callee, back)
    return inside === undefined ? { kind: 'call', callee, back } : { kind: 'go', to: inside }
  }

  private jumpRegister({ pc, context }: Place, { decoded }: Instruction, back: Place): Flow {
    const near = this.pairTarget(pc)
    if (isLink(decoded.rd)) {
      const inside = near === undefined ? undefined : this.copied(near, back)
      return inside === undefined ? { kind: 'call', callee: undefined, back } : { kind: 'indirect', targets: [inside] }
    }
    if (near !== undefined) return { kind: 'indirect', targets: [{ pc: near, context }] }
    if (decoded.rd === 0 && isLink(decoded.rs1)) {
      return { kind: 'indirect', targets: context.back === undefined ? [] : [context.back] }
    }
    const targets = [...this.code.jumpTargets(pc)].sort(compareAddresses)
    return { kind: 'indirect', targets: targets.map((target) => ({ pc: target, context })) }
  }

  /** Where the jalr at `pc` leads when it is the second half of a far jump or call: auipc, jalr. */
  private pairTarget(pc: number): number | undefined {
    const first = pc < 4 ? undefined : this.code.instruction(pc - 4)
    const second = this.code.instruction(pc)
    if (first?.decoded.row.name !== 'auipc' || first.decoded.rd !== second?.decoded.rs1) return undefined
    return ((first.pc + first.decoded.imm + second.decoded.imm) & ~1) >>> 0
  }

  /** Where to go on when a function is copied in at a call; undefined, and noted as called, when it is not worth it. */
  private copied(callee: number, back: Place): Place | undefined {
    const { context } = back
    const size = this.copySize(callee, context)
    if (size <= INLINE_LIMIT && this.inlined + size <= INLINE_TOTAL) {
      this.inlined += size
      return { pc: callee, context: newContext(callee, back) }
    }
    this.callees.add(callee)
    return undefined
  }

  /** Instructions of a function with all that it calls, if it can be copied into `context`; else Infinity. */
  private copySize(callee: number, context: Context): number {
    if (context.depth >= INLINE_DEPTH || !this.code.known(callee)) return Number.POSITIVE_INFINITY
    const callers: number[] = []
    for (let outer: Context | undefined = context; outer !== undefined; outer = outer.back?.context)
      callers.push(outer.entry)
    if (callers.includes(callee)) return Number.POSITIVE_INFINITY
    const size = this.sizes.get(callee) ?? this.sizeOf(callee, [])
    this.sizes.set(callee, size)
    return size
  }

  /** Number of instructions of a function and of all that it calls, Infinity when it is too big or calls itself. */
  private sizeOf(entry: number, callers: readonly number[]): number {
    if (callers.includes(entry) || callers.length > INLINE_DEPTH) return Number.POSITIVE_INFINITY
    const seen = new Set<number>()
    const queue = [entry]
    let size = 0
    for (let head = 0; head < queue.length && size <= INLINE_LIMIT; head++) {
      const pc = queue[head]!
      if (seen.has(pc) || !this.code.known(pc)) continue
      seen.add(pc)
      const instruction = this.code.instruction(pc)
      if (instruction === undefined) continue
      size++
      const { decoded } = instruction
      const { format } = decoded.row
      const jumps = format === 'J' || format === 'jalr'
      const target = format === 'jalr' ? this.pairTarget(pc) : (pc + decoded.imm) >>> 0
      const calls = jumps && isLink(decoded.rd)
      if (calls) size += target === undefined ? Number.POSITIVE_INFINITY : this.sizeOf(target, [...callers, entry])
      else if ((jumps || format === 'B') && target !== undefined) queue.push(target)
      if (!jumps || calls) queue.push((pc + decoded.length) >>> 0)
    }
    return size
  }
}

function placesAfter(flow: Flow): readonly Place[] {
  switch (flow.kind) {
    case 'next':
    case 'go':
      return [flow.to]
    case 'branch':
      return [flow.otherwise, flow.taken]
    case 'indirect':
      return flow.targets
    case 'call':
      return [flow.back]
    case 'step':
      return []
  }
}
