import { CallTree } from './call-tree.ts'
import { type Flow, flow, flowOf, lengthOf } from './control-flow.ts'
import { frameHolding } from './frame-holding.ts'

/** One function on the stack. */
interface Frame {
  node: number
  /** Where it goes back to, and the stack pointer at its call: together they tell recursive calls apart. */
  readonly returnTo: number
  readonly sp: number
}

/** A chain of callers that an interrupt or exception came into, or that mret left without one. */
interface Suspended {
  readonly frames: Frame[]
  readonly handler: boolean
  readonly pc: number
  /** 0 when it is not known. */
  readonly sp: number
}

const SP = 2
/** Suspended chains that are kept: a scheduler switches between many, one that never comes back must not pile up. */
const MOST_SUSPENDED = 256
/** A handler of an exception may go on behind the instruction that caused it. */
const LONGEST_INSTRUCTION = 4
/** Number of code that no function is known of. */
const UNKNOWN = 0

/**
 * Follows who called whom, instruction by instruction, without help from the firmware:
 *
 * - calls and returns by the ABI's hints (`flowOf`), matched by return address and stack pointer;
 * - a jump to another function is a tail call: it takes the caller's place;
 * - a return or a jump that skips frames leaves them (longjmp): it goes to the function whose part of the stack the
 *   stack pointer is in;
 * - a trap handler is a root of its own; mret goes back to the chain that has the same stack pointer and place, which
 *   after a task switch is another than the last, or that has a call of the function whose midst it goes to;
 * - mret outside of a handler suspends its chain as a trap does: what it goes to (user mode, a task) is a root;
 * - a return into a suspended chain goes back to that (a handler that leaves without mret).
 *
 * For each instruction: `enter` before what it costs is charged to `node`, `retire` after.
 */
export class ShadowStack {
  readonly tree = new CallTree()
  /** Node of the function that runs. */
  node = 0
  private readonly functionAt: (pc: number) => number
  private frames: Frame[] = []
  /** Whether the chain began with a trap. */
  private handler = false
  private readonly suspended: Suspended[] = []
  /** What the instruction before did, when it was more than going straight on. */
  private pending: Flow = flow.straight
  /** The address behind it. */
  private link = 0
  private sp = 0

  /** @param functionAt number of the function at an address, as `CodeFunctions.at` */
  constructor(functionAt: (pc: number) => number) {
    this.functionAt = functionAt
  }

  /** The instruction at `pc` is about to run; afterwards `node` is the function that it belongs to. */
  enter(pc: number): void {
    const callee = this.functionAt(pc)
    if (this.pending !== flow.straight) this.follow(pc, callee)
    if (this.tree.function[this.node] !== callee) this.replace(callee)
  }

  /** The instruction has retired: `destination` is the register that it wrote `result` to. */
  retire(pc: number, raw: number, destination: number, result: number): void {
    if (destination === SP) this.sp = result
    this.pending = flowOf(raw)
    // A return needs no link, but to ask for all that do takes longer.
    if (this.pending >= flow.call) this.link = (pc + lengthOf(raw)) >>> 0
  }

  /**
   * The hart goes to its trap handler instead of running the instruction at `pc`.
   * @param before is called while `node` is still the function that was left
   */
  trap(pc: number, before: () => void = () => {}): void {
    this.enter(pc)
    before()
    this.suspend(pc, this.sp)
    this.handler = true
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

  /** The instruction before did more than going straight on: to `pc`. */
  private follow(pc: number, callee: number): void {
    const { pending } = this
    this.pending = flow.straight
    if (pending === flow.call) {
      if (pc !== this.link) this.push(callee)
    } else if (pending === flow.return) this.goBack(pc, callee)
    else if (pending === flow.jump) this.jump(callee)
    else if (pending === flow.swap) {
      this.frames.pop()
      this.push(callee)
    } else this.resume(pc, callee)
  }

  private goBack(pc: number, callee: number): void {
    const { frames, sp } = this
    const top = frames.at(-1)
    if (top?.returnTo === pc && top.sp === sp) frames.pop()
    else {
      const exact = this.calledFrom(pc, frames)
      if (exact < 0 && this.leaveFor(pc, callee)) return
      const called = exact >= 0 ? exact : frames.findLastIndex((frame) => frame.returnTo === pc)
      if (called >= 0) frames.length = called
      else this.cutTo(callee)
    }
    this.node = frames.at(-1)?.node ?? 0
  }

  /** A jump within a function or to a tail call does not leave frames: those have been left that the stack pointer is above. */
  private jump(callee: number): void {
    const top = this.frames.at(-1)
    if (top === undefined || top.sp === this.sp || this.sp >>> 0 < top.sp >>> 0) return
    this.cutTo(callee)
    this.node = this.frames.at(-1)!.node
  }

  /** Leaves the frames above that of the function whose part of the stack the stack pointer is in, if there is one. */
  private cutTo(callee: number): void {
    const goal = frameHolding(this.frames, this.sp, ({ node }) => this.tree.function[node] === callee)
    if (goal >= 0) this.frames.length = goal + 1
  }

  /** Goes back into a suspended chain. @returns whether there is one that `pc` is in */
  private leaveFor(pc: number, callee: number): boolean {
    const depthIn = ({ frames, sp }: Suspended) => {
      const called = this.calledFrom(pc, frames)
      if (called >= 0 || !this.handler) return called
      return 1 + frameHolding(frames, this.sp, ({ node }) => this.tree.function[node] === callee, sp)
    }
    const found = this.suspended.findLastIndex((one) => depthIn(one) > 0)
    if (found < 0) return false
    const one = this.suspended.splice(found, 1)[0]!
    this.goOn(one, depthIn(one))
    return true
  }

  /** The frame that returns to `pc` with the present stack pointer, or -1. */
  private calledFrom(pc: number, frames: readonly Frame[]): number {
    return frames.findLastIndex(({ returnTo, sp }) => returnTo === pc && sp === this.sp)
  }

  /** mret goes to `pc`. */
  private resume(pc: number, callee: number): void {
    const { suspended, sp, tree } = this
    // The stack pointer is already that of where it goes.
    if (!this.handler) this.suspend(this.link, 0)
    const near = (one: Suspended) => pc >= one.pc && pc <= one.pc + LONGEST_INSTRUCTION
    const isCallee = ({ node }: Frame) => tree.function[node] === callee
    const inMidst = callee !== UNKNOWN && this.functionAt(pc - 2) === callee
    const tries = [
      (one: Suspended) => near(one) && one.sp === sp,
      near,
      ({ frames }: Suspended) => inMidst && frames.some(isCallee),
      (one: Suspended) => one.sp === sp,
    ]
    const found = tries.map((matches) => suspended.findLastIndex(matches)).find((index) => index >= 0)
    const one = found === undefined ? { frames: [], handler: false } : suspended.splice(found, 1)[0]!
    const goal = inMidst ? one.frames.findLastIndex(isCallee) : -1
    this.goOn(one, goal >= 0 ? goal + 1 : one.frames.length)
  }

  private suspend(pc: number, sp: number): void {
    const { suspended, frames, handler } = this
    // Whatever was suspended with the same stack at the same place has never been gone back to.
    const top = frames.at(-1)?.sp
    const dead = suspended.findIndex((one) => one.pc === pc && one.sp === sp && one.frames.at(-1)?.sp === top)
    if (dead >= 0) suspended.splice(dead, 1)
    suspended.push({ frames, handler, pc, sp })
    if (suspended.length > MOST_SUSPENDED) suspended.shift()
    this.goOn({ frames: [], handler: false }, 0)
  }

  /** Goes on in the first frames of a chain. */
  private goOn({ frames, handler }: Pick<Suspended, 'frames' | 'handler'>, depth: number): void {
    frames.length = depth
    this.frames = frames
    this.handler = handler
    this.node = frames.at(-1)?.node ?? 0
  }
}
