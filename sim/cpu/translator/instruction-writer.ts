/** Writes the instructions of a block, from their rows. */
import type { Expression, LoadWidth } from '../instructions/semantics.ts'
import { type AccessGroup, type GroupedAccess, groupAccesses } from './access-groups.ts'
import type { Pending } from './exits.ts'
import type { FunctionWriter } from './function-writer.ts'
import type { Instruction } from './region.ts'
import { binaryTerm, bind, constantTerm, type Leaves, type Term, writeTerm } from './term.ts'
import type { Access } from './wasm/opcodes.ts'

const LINE_SHIFT = 6
const SHIFTS = { 1: 0, 2: 1, 4: 2 } as const
const LOADS: Record<string, Access> = {
  '1s': 'i32.load8_s',
  '1u': 'i32.load8_u',
  '2s': 'i32.load16_s',
  '2u': 'i32.load16_u',
  '4s': 'i32.load',
}
const STORES = { 1: 'i32.store8', 2: 'i32.store16', 4: 'i32.store' } as const

/** Blocks of instructions that run one after another, left at their ends at most: their accesses are checked together. */
export class AccessChecks {
  readonly accesses: ReadonlyMap<number, GroupedAccess>
  /** Where the lowest byte of a group lies, once it has been checked. */
  readonly checked = new Map<AccessGroup, Term>()

  /** @param instructions of all blocks, in order */
  constructor(instructions: readonly Instruction[]) {
    this.accesses = groupAccesses(instructions)
  }
}

/** Writes instructions that run one after another; the effects of branches and jumps are left to their block's end. */
export class InstructionWriter {
  private readonly out: FunctionWriter
  private readonly instructions: readonly Instruction[]
  private readonly checks: AccessChecks
  private readonly first: number

  /** @param first index of the first instruction among those that are checked together */
  constructor(out: FunctionWriter, instructions: readonly Instruction[], checks: AccessChecks, first: number) {
    this.out = out
    this.instructions = instructions
    this.checks = checks
    this.first = first
  }

  /** Writes all instructions. @param pending what the counters lack before them @returns what they lack after them */
  write(pending: Pending): Pending {
    let { cycles, instructions } = pending
    this.instructions.forEach((instruction, index) => {
      const byOperands = this.instruction(instruction, this.first + index, { cycles, instructions })
      cycles += instruction.cycles + byOperands
      instructions++
    })
    return { cycles, instructions }
  }

  /** @returns the cycles of constant operands, which are not charged yet */
  private instruction(instruction: Instruction, index: number, pending: Pending): number {
    const { decoded, operandCycles } = instruction
    const leaves = leavesOf(this.out, instruction)
    const byOperands = operandCycles === undefined ? 0 : this.chargeOperands(operandCycles.expression, leaves)
    const { effect } = decoded.row
    if (effect.kind === 'set') this.setDestination(decoded.rd, bind(effect.value, leaves))
    else if (effect.kind === 'load') this.load(instruction, index, effect.width, leaves.rs1, pending)
    else if (effect.kind === 'store') this.store(instruction, index, bind(effect.value, leaves), leaves.rs1, pending)
    return byOperands
  }

  private chargeOperands(expression: Expression, leaves: Leaves): number {
    const cycles = bind(expression, leaves)
    if (cycles.kind === 'const') return cycles.value
    this.out.charge(() => writeTerm(this.out.body, cycles, this.out.scratch))
    return 0
  }

  private setDestination(rd: number, value: Term): void {
    if (rd === 0) return
    writeTerm(this.out.body, value, this.out.scratch)
    this.out.setRegister(rd, value.kind === 'const' ? value.value : undefined)
  }

  private load({ decoded, pc }: Instruction, index: number, width: LoadWidth, base: Term, pending: Pending): void {
    const { body, scratch } = this.out
    const access = this.checks.accesses.get(index)!
    const low = this.check(access, base, pc, pending)
    writeTerm(body, low, scratch)
    body.access(LOADS[`${width.bytes}${width.signed ? 's' : 'u'}`]!, access.offset - access.group.low)
    if (decoded.rd === 0) body.op('drop')
    else this.out.setRegister(decoded.rd)
  }

  private store({ decoded, pc }: Instruction, index: number, value: Term, base: Term, pending: Pending): void {
    const { effect } = decoded.row
    if (effect.kind !== 'store') return
    const { body, scratch } = this.out
    const access = this.checks.accesses.get(index)!
    const { group, offset } = access
    const low = this.check(access, base, pc, pending)
    if (group.stores?.at === index) this.checkLines(group, low, pc, pending)
    writeTerm(body, low, scratch)
    writeTerm(body, value, scratch)
    body.access(STORES[effect.bytes], offset - group.low)
  }

  /** Where the group's lowest byte lies in memory; leaves before the instruction when the group is not all inside and aligned. */
  private check({ group, moved }: GroupedAccess, base: Term, pc: number, pending: Pending): Term {
    const known = this.checks.checked.get(group)
    if (known !== undefined) return known
    const low = this.place(binaryTerm('add', base, constantTerm((group.low - moved - this.out.env.memory.base) | 0)))
    this.checks.checked.set(group, low)
    this.checkInside(group, low, pc, pending)
    return low
  }

  /** A constant, or a local of its own. */
  private place(address: Term): Term {
    if (address.kind === 'const') return address
    const { body, scratch } = this.out
    const local = body.local()
    writeTerm(body, address, scratch)
    body.set(local)
    return { kind: 'local', local }
  }

  /** Rotating the alignment bits to the top makes one comparison of two: a misaligned address is out of range. */
  private checkInside({ alignment, span }: AccessGroup, low: Term, pc: number, pending: Pending): void {
    const { body, env, scratch } = this.out
    const shift = SHIFTS[alignment]
    const last = Math.floor((env.memory.size - span) / alignment)
    if (last < 0) {
      // No memory is that large: the interpreter finds out which of the accesses lies outside.
      this.out.leaveIf(() => body.const(1), 'step', pc, pending)
      return
    }
    if (low.kind === 'const') {
      const inside = low.value >= 0 && low.value % alignment === 0 && low.value / alignment <= last
      if (inside) return
    }
    const outside = () => {
      writeTerm(body, low, scratch)
      if (shift !== 0) {
        body.const(shift)
        body.op('i32.rotr')
      }
      body.const(last)
      body.op('i32.gt_u')
    }
    this.out.leaveIf(outside, 'step', pc, pending)
  }

  /** Leaves before a store to a line of memory that needs attention. */
  private checkLines({ low: lowest, alignment, stores }: AccessGroup, low: Term, pc: number, pending: Pending): void {
    const { body, env, scratch } = this.out
    const { first, last } = stores!
    const unit = (distance: number) => Math.floor((distance - lowest) / alignment)
    const flagsAt = (distance: number) => {
      writeTerm(
        body,
        binaryTerm('shr_u', binaryTerm('add', low, constantTerm(distance)), constantTerm(LINE_SHIFT)),
        scratch,
      )
      body.access('i32.load8_u', env.layout.lineFlags)
    }
    const flagged = () => {
      flagsAt(first - lowest)
      if (unit(first) === unit(last)) return
      flagsAt(last - lowest)
      body.op('i32.or')
    }
    this.out.leaveIf(flagged, 'step', pc, pending)
  }
}

/** Leaves of an instruction's expressions: its registers and constants. */
export function leavesOf(out: FunctionWriter, { decoded, pc }: Instruction): Leaves {
  return {
    rs1: out.register(decoded.rs1),
    rs2: out.register(decoded.rs2),
    imm: constantTerm(decoded.imm),
    pc: constantTerm(pc | 0),
  }
}
