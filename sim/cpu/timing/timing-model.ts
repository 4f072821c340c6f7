import type { Decoded } from '../decoder.ts'

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
  /** True when `operandCycles` adds cycles that depend on the operands' values. Only R-format shift, mul, mulh and div rows. */
  readonly byOperands?: boolean
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
  /** Extra cycles for the operand values `a` (rs1) and `b` (rs2), signed; pure. Absent: none. */
  readonly operandCycles?: (name: string, a: number, b: number) => number
  /** Cycles from a trap or interrupt to the first instruction of the handler, beyond the trapping instruction's own. */
  readonly trap: number
}
