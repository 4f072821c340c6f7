import { CallTree } from './call-tree.ts'
import { type Flow, flow, flowOf, lengthOf } from './control-flow.ts'

/** One function on the stack. */
interface Frame {
  node: number
  /** Where it goes back to, and the stack pointer at its call: together they tell recursive calls apart. */
  readonly returnTo: number
  readonly sp: number
}

/** A chain of callers that an interrupt or exception came into. */
interface Suspended {
  readonly frames: Frame[]
  readonly pc: number
  readonly sp: number
}

const SP = 2
/** Suspended chains that are kept: a scheduler switches between many, one that never comes back must not pile up. */
const MOST_SUSPENDED = 256
/** A handler of an exception may go on behind the instruction that caused it. */
const LONGEST_INSTRUCTION = 4

/**
 * Follows who called whom, instruction by instruction, without help from the firmware:
 *
 * - calls and returns by the ABI's hints (`flowOf`), matched by return address and stack pointer;
 * - a jump to another function is a tail call: it takes the caller's place;
 * - a return that skips frames leaves them (longjmp);
 * - a trap handler is a root of its own; mret goes back to the chain that has the same stack pointer and place, which
 *   after a task switch is another than the last.
 *
 * For each instruction: `enter` before what it costs is charged to `node`, `retire` after.
 */
export class ShadowStack {
  readonly tree = new CallTree()
  /** Node of the function that runs. */
  node = 0
  private readonly functionAt: (pc: number) => number
  private frames: Frame[] = []
  private readonly suspended: Suspended[] = []
  /** What the instruction before did, when it was more than going straight on. */
  private pending: Flow = flow.straight
  private link = 0
  private sp = 0

  /** @param functionAt number of the function at an address, as `CodeFunctions.at` */
  constructor(functionAt: (pc: number) => number) {
    this.functionAt = functionAt
  }

  /** The instruction at `pc` is about to run; afterwards `node` is the function that it belongs to. */
  enter(pc: number): void {
    const callee = this.functionAt(pc)
    const { pending } = this
    this.pending = flow.straight
    if (pending === flow.call && pc !== this.link) this.push(callee)
    else if (pending === flow.return) this.goBack(pc, callee)
    else if (pending === flow.swap) {
      this.frames.pop()
      this.push(callee)
    } else if (pending === flow.trapReturn) this.resume(pc)
    if (this.tree.function[this.node] !== callee) this.replace(callee)
  }

  /** The instruction has retired: `destination` is the register that it wrote `result` to. */
  retire(pc: number, raw: number, destination: number, result: number): void {
    if (destination === SP) this.sp = result
    this.pending = flowOf(raw)
    if (this.pending === flow.call || this.pending === flow.swap) this.link = (pc + lengthOf(raw)) >>> 0
  }

  /**
   * The hart goes to its trap handler instead of running the instruction at `pc`.
   * @param before is called while `node` is still the function that was left
   */
  trap(pc: number, before: () => void = () => {}): void {
    this.enter(pc)
    before()
    this.suspended.push({ frames: this.frames, pc, sp: this.sp })
    if (this.suspended.length > MOST_SUSPENDED) this.suspended.shift()
    this.frames = []
    this.node = 0
  }

  /** Functions that are active, outermost first. */
  get path(): readonly number[] {
    return this.tree.path(this.node)
  }

  private push(callee: number): void {
    this.node = this.tree.child(this.node, callee)
    this.tree.calls[this.node]!++
    this.frames.push({ node: this.node, returnTo: this.link, sp: this.sp })
  }

  /** The function on top becomes another one, called from the same place. */
  private replace(callee: number): void {
    const top = this.frames.at(-1)
    this.node = this.tree.child(this.tree.parent[this.node]!, callee)
    this.tree.calls[this.node]!++
    if (top === undefined) this.frames.push({ node: this.node, returnTo: -1, sp: this.sp })
    else top.node = this.node
  }

  private goBack(pc: number, callee: number): void {
    const { frames, sp, tree } = this
    const last = (matches: (frame: Frame, at: number) => boolean) => frames.findLastIndex(matches)
    const top = frames.at(-1)
    if (top?.returnTo === pc && top.sp === sp) frames.pop()
    else {
      const exact = last((frame) => frame.returnTo === pc && frame.sp === sp)
      const called = exact >= 0 ? exact : last((frame) => frame.returnTo === pc)
      // longjmp goes to a frame that is still there; what it called has its stack pointer.
      const goal = last(({ node }, at) => tree.function[node] === callee && frames[at + 1]?.sp === sp)
      if (called >= 0) frames.length = called
      else if (goal >= 0) frames.length = goal + 1
    }
    this.node = frames.at(-1)?.node ?? 0
  }

  private resume(pc: number): void {
    const { suspended, sp } = this
    const near = (one: Suspended) => pc >= one.pc && pc <= one.pc + LONGEST_INSTRUCTION
    const last = (matches: (one: Suspended) => boolean) => suspended.findLastIndex(matches)
    const tries = [(one: Suspended) => near(one) && one.sp === sp, near, (one: Suspended) => one.sp === sp]
    const found = tries.map(last).find((index) => index >= 0)
    this.frames = found === undefined ? [] : suspended.splice(found, 1)[0]!.frames
    this.node = this.frames.at(-1)?.node ?? 0
  }
}
