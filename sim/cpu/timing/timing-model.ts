import type { Decoded } from '../decoder.ts'
import type { InstructionRow } from '../instructions/row.ts'
import type { Expression } from '../instructions/semantics.ts'

/** An instruction in its place in memory, as a timing model sees it. */
export interface PlacedInstruction extends Decoded {
  readonly pc: number
  /** The instruction that follows in memory; undefined when there is none (no memory, or illegal). */
  next(): PlacedInstruction | undefined
  /** The instruction a jump or branch with a fixed target goes to; undefined for all others. */
  target(): PlacedInstruction | undefined
}

/** What an instruction costs wherever it stands; cycles. */
interface InstructionTiming {
  /** Cycles until the next instruction in memory starts (for a jump: until the target starts), 1 to 255. */
  readonly cycles: number
  /** Of `cycles`: those in which later instructions wait for this one's result. For profiles; absent: none. */
  readonly hazard?: number
  /** Of `cycles`: those that an awkward place of the code to go on with costs. Absent: none. */
  readonly fetch?: number
  /** More cycles when a branch is taken, 0 to 32767. */
  readonly taken?: number
  /** More cycles when a load or store crosses a word boundary and the hardware splits it in two, 0 to 32767. */
  readonly split?: number
}

/**
 * The timing of a hart. Costs are worked out once, when an instruction is decoded; they may look at the
 * instructions that follow in memory (up to 12 bytes away) and at the target of a direct branch. A hazard between
 * two instructions is charged to the first one: the second follows it for certain.
 */
export interface TimingModel {
  readonly name: string
  /** One sentence for `--help` and documents. */
  readonly summary: string
  instruction(placed: PlacedInstruction): InstructionTiming
  /**
   * More cycles of a `jalr` that jumps to this instruction, when the place is awkward to fetch from, 0 to 32767.
   * Absent: none. Direct jumps and branches look at their `target()` instead.
   */
  readonly entry?: (placed: PlacedInstruction) => number
  /**
   * More cycles of an instruction by the values of its operands: an expression of `rs1` and `rs2`, 0 to 255, from which
   * both engines make code. Of shifts by register, multiplications and divisions only. Absent or undefined: none.
   */
  readonly operandCycles?: (row: InstructionRow) => Expression | undefined
  /** Cycles from a trap or interrupt to the first instruction of the handler, beyond the trapping instruction's own. */
  readonly trap: number
}
