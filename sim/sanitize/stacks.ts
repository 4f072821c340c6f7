/**
 * Where the hart's stacks are, learned from what it does with its stack pointer: a stack grows and shrinks by instructions
 * that compute with its own pointer; whatever else sets the pointer goes to another stack, or to one that was left before.
 */
import type { Decoded, Decoder } from '../cpu/decoder.ts'
import type { InstructionLog } from '../probe/instruction-log.ts'

const STACK_POINTER = 2
const FRAME_POINTER = 8
/** Stacks that are remembered while the hart is on another one, at most. */
const MOST_STACKS = 64
/** Instructions in which the place of an `alloca` is computed, at most. */
const NEAR = 4

interface Stack {
  pointer: number
  /** The lowest that its pointer has been, and the highest: what lies between them is of this stack. Zero as long as unknown. */
  low: number
  top: number
}

/** A stack has grown (`now` is below `before`) or shrunk. */
export interface StackMove {
  readonly before: number
  readonly now: number
  /** The highest that the pointer of this stack had been before. */
  readonly top: number
}

export class Stacks {
  private readonly decoder: Decoder
  private current: Stack = { pointer: 0, low: 0, top: 0 }
  /** Those that the hart has left, the last one at the end. */
  private readonly others: Stack[] = []

  constructor(decoder: Decoder) {
    this.decoder = decoder
  }

  /** Whether a byte is in use on the stack that the hart is on. */
  isInUse(address: number): boolean {
    return address >= this.current.pointer && address < this.current.top
  }

  /** Whether a byte is of a stack, in use or not. */
  holds(address: number): boolean {
    const isOf = ({ low, top }: Stack) => address >= low && address < top
    return isOf(this.current) || this.others.some(isOf)
  }

  /** Entry `i` sets the stack pointer. Gives nothing when the hart goes to another stack. */
  move(log: InstructionLog, i: number): StackMove | undefined {
    if (this.current.pointer === 0) this.begin(log.registerBefore(i, STACK_POINTER) >>> 0)
    const { current } = this
    const { pointer: before, top } = current
    const now = log.result[i]! >>> 0
    const decoded = log.access[i] === 0 ? this.decoder.decode(log.raw[i]!) : undefined
    // The upper bits of an address; the lower ones follow.
    if (decoded?.row.format === 'U') this.goTo({ pointer: now, low: now, top: 0 })
    else if (decoded === undefined || top === 0 || !this.isOwn(decoded, log, i)) this.goTo(this.stackAt(now))
    else {
      current.pointer = now
      current.low = Math.min(current.low, now)
      current.top = Math.max(top, now)
      return { before, now, top }
    }
    return undefined
  }

  /** Whether an instruction grows or shrinks the stack that the hart is on. */
  private isOwn({ row, rs1, rs2 }: Decoded, log: InstructionLog, i: number): boolean {
    const { pointer, top } = this.current
    const now = log.result[i]! >>> 0
    const isR = row.format === 'R'
    if (rs1 === STACK_POINTER && row.format === 'I') return true
    // What is added is a size, but the distance to another stack where it was computed from the pointer.
    if (isR && (rs1 === STACK_POINTER || rs2 === STACK_POINTER))
      return now <= top && !this.isFromPointer(log, i - 1, rs1 === STACK_POINTER ? rs2 : rs1)
    if (rs1 === FRAME_POINTER && (isR || row.format === 'I')) return now > pointer && now <= top
    return now < pointer && this.isFromPointer(log, i - 1, isR ? rs2 : rs1)
  }

  /** Whether a register was computed from the pointer just now, as `alloca` does it. */
  private isFromPointer(log: InstructionLog, last: number, register: number): boolean {
    let wanted = register
    for (let i = last; i > last - NEAR && i >= 0; i--) {
      if (log.destination[i] !== wanted) continue
      const { row, rs1, rs2 } = this.decoder.decode(log.raw[i]!) ?? {}
      if (row?.format !== 'I' && row?.format !== 'R') return false
      if (rs1 === STACK_POINTER || (row.format === 'R' && rs2 === STACK_POINTER)) return true
      wanted = rs1!
    }
    return false
  }

  /** The pointer was set before anybody looked. */
  private begin(pointer: number): void {
    this.current = { pointer, low: pointer, top: pointer }
  }

  private goTo(stack: Stack): void {
    if (this.current.top !== 0) this.others.push(this.current)
    if (this.others.length > MOST_STACKS) this.others.shift()
    this.current = stack
  }

  /** The stack that was left where the pointer points now, or a new one. */
  private stackAt(pointer: number): Stack {
    if (isWithin(this.current, pointer)) {
      const { low, top } = this.current
      this.current.top = 0
      return { pointer, low, top }
    }
    const at = this.others.findLastIndex((other) => isWithin(other, pointer))
    const [known = { low: pointer, top: pointer }] = at < 0 ? [] : this.others.splice(at, 1)
    return { ...known, pointer }
  }
}

function isWithin({ pointer, top }: Stack, address: number): boolean {
  return top !== 0 && address >= pointer && address <= top
}
