/**
 * The call stack of a recorded run, from its calls and returns. A call links x1 or x5 (RISC-V unprivileged ISA, table 3);
 * a return is a jump without link to where the function in question was called. A jump into another function is a tail
 * call, or, when the stack pointer is back in the part of the stack of one that is still there, a return over frames (longjmp).
 * Traps are calls that mret ends; without a trap it calls (user mode). Time in which the hart stands still is a function of
 * its own. Where a trace has nothing because its window was closed, nothing is on the stack.
 */
import { expandCompressed } from '../../cpu/instructions/compressed.ts'
import type { InstructionLog } from '../../probe/instruction-log.ts'
import { frameHolding } from '../../profile/frame-holding.ts'
import type { TraceEvent } from '../events.ts'
import type { TraceReader, TraceVisitor } from '../reader.ts'

export const WAITING = '(waiting)'

export interface CallListener {
  /** @param site address of the calling instruction; undefined when there is none */
  enter(name: string, at: number, site: number | undefined): void
  leave(name: string, at: number): void
  /** An instruction of the function entered last. */
  instruction?(pc: number, cycles: number): void
}

interface Frame {
  readonly name: string
  /** Where it returns to; undefined for what nobody called. */
  readonly returnAddress: number | undefined
  /** The stack pointer at its call. */
  readonly sp: number
}

const JAL = 0x6f
const JALR = 0x67
const MRET = 0x3020_0073
const LINKS = [1, 5]
const SP = 2
const TRAP = -1
/** Deeper is a run-away recursion, or no stack at all. */
const MOST_FRAMES = 4096

/** What an instruction does to the stack, by its encoding. */
const kinds = new Map<number, 'call' | 'jump' | 'other'>()

function kindOf(raw: number): 'call' | 'jump' | 'other' {
  let kind = kinds.get(raw)
  if (kind === undefined) {
    const word = ((raw & 3) === 3 ? raw : expandCompressed(raw)) ?? 0
    const jumps = (word & 0x7f) === JAL || (word & 0x7f) === JALR
    kind = jumps ? (LINKS.includes((word >>> 7) & 31) ? 'call' : 'jump') : 'other'
    kinds.set(raw, kind)
  }
  return kind
}

export class CallFollower implements TraceVisitor {
  private readonly frames: Frame[] = []
  private readonly trace: Pick<TraceReader, 'functionAt' | 'header'>
  private readonly listener: CallListener
  /** Whether time without instructions is time outside of the window. */
  private readonly hasGaps: boolean
  private readonly names = new Map<number, string>()
  /** What came before: an instruction, a trap, mret at the end of a handler, or mret without one. */
  private before: 'call' | 'jump' | 'other' | 'trap' | 'mret' | 'entry' = 'other'
  private sp = 0
  /** Address of the instruction before, and of the one behind it. */
  private site = 0
  private behind = -1
  /** Where mret goes to, which is heard before mret itself. */
  private returnsTo: number | undefined
  private end = 0

  constructor(trace: Pick<TraceReader, 'functionAt' | 'header'>, listener: CallListener) {
    this.trace = trace
    this.listener = listener
    const { window, events } = trace.header
    const opensAgain = window?.function !== undefined || window?.region !== undefined
    this.hasGaps = opensAgain && events.includes('trap')
  }

  instructions(log: InstructionLog): void {
    this.sp = log.registers[SP]!
    if (this.hasGaps && log.began[0]! > this.end) this.skipGap()
    for (let e = 0; e < log.count; e++) {
      const pc = log.pc[e]!
      if (this.returnsTo !== undefined && log.raw[e] !== MRET) this.returned(log.began[e]!)
      if (pc !== this.behind || this.frames.length === 0 || this.before === 'call') this.moved(pc, log.began[e]!)
      this.listener.instruction?.(pc, log.began[e + 1]! - log.began[e]!)
      const raw = log.raw[e]!
      if (log.destination[e] === SP) this.sp = log.result[e]!
      this.before = kindOf(raw)
      this.site = pc
      this.behind = pc + ((raw & 3) === 3 ? 4 : 2)
      if (this.returnsTo !== undefined) this.returned(log.began[e + 1]!)
    }
    this.end = log.began[log.count]!
  }

  event(event: TraceEvent): void {
    if (this.returnsTo !== undefined && ['trap', 'return', 'idle'].includes(event.kind)) this.returned(event.at)
    if (event.kind === 'trap') {
      this.push(this.name(event.handler), TRAP, event.at, event.pc)
      this.before = 'trap'
    } else if (event.kind === 'return') {
      this.returnsTo = event.pc
    } else if (event.kind === 'idle') {
      this.listener.enter(WAITING, event.at, undefined)
      this.listener.leave(WAITING, event.until)
      this.end = event.until
    }
  }

  /** The trace is over. */
  finish(): void {
    this.popTo(0, this.end)
  }

  /** Time has passed that belongs to nothing in the trace, but to entering a handler or leaving it. */
  private skipGap(): void {
    if (this.before === 'trap' || this.returnsTo !== undefined) return
    this.popTo(0, this.end)
    this.before = 'other'
  }

  /** mret has left the innermost trap handler; without one, it enters what it goes to. */
  private returned(at: number): void {
    const trap = this.frames.findLastIndex(({ returnAddress }) => returnAddress === TRAP)
    if (trap >= 0) this.popTo(trap, at)
    this.behind = -1
    this.before = trap >= 0 ? 'mret' : 'entry'
    this.returnsTo = undefined
  }

  /** The hart did not go on behind the instruction before. */
  private moved(pc: number, at: number): void {
    const { before, frames } = this
    if (before === 'trap') return
    const name = this.name(pc)
    if (before === 'call' && frames.length > 0) {
      this.push(name, this.behind, at, this.site)
      return
    }
    this.popTo(this.depthOf(pc, name), at)
    const top = frames.at(-1)
    if (top === undefined) this.push(name, undefined, at, undefined)
    else if (top.name !== name) {
      if (before !== 'entry') this.popTo(frames.length - 1, at)
      this.push(name, before === 'entry' ? undefined : top.returnAddress, at, this.site)
    }
  }

  /** How many frames are still there behind a jump or mret to `pc`. */
  private depthOf(pc: number, name: string): number {
    const { before, frames, sp } = this
    const isOf = (frame: Frame) => frame.name === name
    let goal = -1
    if (before === 'jump') {
      const caller = frames.findLastIndex(({ returnAddress }) => returnAddress === pc)
      if (caller >= 0) return caller
      if (sp >>> 0 > (frames.at(-1)?.sp ?? 0) >>> 0) goal = frameHolding(frames, sp, isOf)
    } else if (before !== 'other' && this.name(pc - 2) === name) goal = frames.findLastIndex(isOf)
    return goal < 0 ? frames.length : goal + 1
  }

  private push(name: string, returnAddress: number | undefined, at: number, site: number | undefined): void {
    if (this.frames.length >= MOST_FRAMES) this.popTo(0, at)
    this.frames.push({ name, returnAddress, sp: this.sp })
    this.listener.enter(name, at, site)
  }

  private popTo(depth: number, at: number): void {
    while (this.frames.length > depth) this.listener.leave(this.frames.pop()!.name, at)
  }

  private name(pc: number): string {
    let name = this.names.get(pc)
    if (name === undefined) {
      name = this.trace.functionAt(pc)
      this.names.set(pc, name)
    }
    return name
  }
}
