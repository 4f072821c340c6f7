/**
 * Writes a region's blocks as structured control flow. Reducible flow follows the dominator tree (Ramsey, "Beyond
 * Relooper", ICFP 2022): a loop head becomes a `loop`, a join becomes the end of a `block`, and every other block is
 * written where the only edge to it is. Irreducible flow becomes a loop around a `br_table` on the number of the block.
 */
import { checkpoints, longestPaths } from './costs.ts'
import { EndWriter } from './end-writer.ts'
import type { Pending } from './exits.ts'
import { analyseFlow, type FlowGraph } from './flow-graph.ts'
import { FunctionWriter, type UnitEnvironment } from './function-writer.ts'
import { AccessChecks, InstructionWriter } from './instruction-writer.ts'
import type { Block, Region, Target } from './region.ts'
import { followRegisters, type RegisterFlow } from './register-flow.ts'
import { type Rounds, type UnrolledBlocks, unrollLoops } from './unroll.ts'
import type { Label } from './wasm/function-body.ts'

const NOTHING: Pending = { cycles: 0, instructions: 0 }

/** The body of the function that a region becomes: an entry of a code section. */
export function writeRegion(env: UnitEnvironment, region: Region): Uint8Array {
  const out = new FunctionWriter(env, region)
  const writer = new RegionWriter(out, unrollLoops(region.blocks))
  return writer.write()
}

class RegionWriter {
  private readonly out: FunctionWriter
  private readonly blocks: readonly Block[]
  private readonly rounds: ReadonlyMap<number, Rounds>
  /** Of blocks that were unrolled, by the number of the first copy. */
  private readonly checks = new Map<number, AccessChecks>()
  private readonly graph: FlowGraph
  private readonly stops: ReadonlySet<number>
  private readonly longest: readonly number[]
  private readonly registers: RegisterFlow
  private readonly ends: EndWriter
  /** Labels of loops and joins around the present place in the text. */
  private readonly labels = new Map<number, Label>()
  /** The table of irreducible flow: its loop and the local that holds the next block. */
  private table: { readonly loop: Label; readonly next: number } | undefined

  constructor(out: FunctionWriter, { blocks, rounds }: UnrolledBlocks) {
    this.out = out
    this.blocks = blocks
    this.rounds = rounds
    this.graph = analyseFlow(blocks)
    this.stops = checkpoints(blocks, this.graph)
    this.longest = longestPaths(blocks, this.graph, this.stops)
    this.registers = followRegisters(blocks, this.graph)
    const neededAt = (target: Target) => ('block' in target ? this.registers.needed[target.block]! : 0)
    this.ends = new EndWriter(out, (target, pending) => this.goTo(target, pending), neededAt)
  }

  write(): Uint8Array {
    return this.out.write(this.registers.needed[0]!, () => {
      if (this.graph.reducible) this.tree(0, NOTHING)
      else this.dispatchLoop()
    })
  }

  /** Writes a block and everything that it dominates. */
  private tree(block: number, pending: Pending): void {
    const { body, constants } = this.out
    const joins = this.graph.children[block]!.filter((child) => this.graph.merges.has(child))
    if (this.graph.loopHeads.has(block)) {
      this.out.flush(pending)
      constants.clear()
      this.labels.set(block, body.loop())
      this.within(block, joins, NOTHING)
      body.end()
    } else this.within(block, joins, pending)
  }

  /** Writes a block inside `block`s that end where its joins begin; the joins follow, the latest one last. */
  private within(block: number, joins: readonly number[], pending: Pending): void {
    const [last, ...others] = joins
    if (last === undefined) {
      this.block(block, pending)
      return
    }
    const { body, constants } = this.out
    this.labels.set(last, body.block())
    this.within(block, others, pending)
    body.end()
    constants.clear()
    this.tree(last, NOTHING)
  }

  private dispatchLoop(): void {
    const { body, constants } = this.out
    const next = body.local()
    const loop = body.loop()
    this.table = { loop, next }
    const labels = this.graph.order.map(() => body.block()).reverse()
    body.get(next)
    const byNumber = this.blocks.map((_, block) => labels[this.graph.position[block]!] ?? labels[0]!)
    body.brTable(byNumber, labels[0]!)
    for (const block of this.graph.order) {
      body.end()
      constants.clear()
      this.block(block, NOTHING)
    }
    body.end()
  }

  private block(number: number, pending: Pending): void {
    const block = this.blocks[number]!
    this.out.dirty = this.registers.dirty[number]!
    if (this.stops.has(number)) this.out.checkBudget(this.longest[number]!, block.pc, pending)
    const after = this.instructionWriter(number).write(pending)
    this.ends.write(block.end, block.instructions.at(-1), after)
  }

  /** Rounds of an unrolled loop have their accesses checked together, in the first one as far as possible. */
  private instructionWriter(number: number): InstructionWriter {
    const { instructions } = this.blocks[number]!
    const rounds = this.rounds.get(number) ?? [number]
    const first = rounds[0]!
    if (number === first) this.checks.set(first, new AccessChecks(rounds.flatMap(() => instructions)))
    const index = rounds.indexOf(number) * instructions.length
    return new InstructionWriter(this.out, instructions, this.checks.get(first)!, index)
  }

  /** Continues at a target: by a branch in the text, by leaving, or right here when this is the only way to it. */
  private goTo(target: Target, pending: Pending): void {
    const { body } = this.out
    if ('leave' in target) this.out.leave(target.known ? 'limit' : 'edge', target.leave, pending)
    else if (this.table !== undefined) {
      this.out.flush(pending)
      body.const(target.block)
      body.set(this.table.next)
      body.br(this.table.loop)
    } else if (this.isLabelled(target.block)) {
      this.out.flush(pending)
      body.br(this.labels.get(target.block)!)
    } else this.tree(target.block, pending)
  }

  /** Joins have a label from their dominator on; loop heads that are no joins only inside their loop. */
  private isLabelled(block: number): boolean {
    return this.graph.loopHeads.has(block) ? this.labels.has(block) : this.graph.merges.has(block)
  }
}
