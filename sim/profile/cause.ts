import type { Decoded } from '../cpu/decoder.ts'
import type { TimingClass } from '../cpu/instructions/row.ts'
import type { PlacedInstruction, TimingModel } from '../cpu/timing/timing-model.ts'

/** What a cycle of the hart went to. Every cycle has one cause. */
export const causes = [
  { name: 'execute', doc: 'Carrying out instructions: what the simplest one takes' },
  { name: 'hazard', doc: 'An instruction waits for the result of the one before (load-use)' },
  { name: 'branch', doc: 'Taken branches, jumps, and fetching from awkward places' },
  { name: 'multiply', doc: 'The multiplier takes more than one step' },
  { name: 'divide', doc: 'The divider' },
  { name: 'shift', doc: 'A serial shifter' },
  { name: 'memory', doc: 'Loads and stores: the port, wait states, accesses split in two' },
  { name: 'contention', doc: 'Loads and stores wait while DMA has the memory port' },
  { name: 'system', doc: 'Control registers, fences and mret empty the pipeline' },
  { name: 'trap', doc: 'Entering trap handlers, and the instructions that trapped' },
  { name: 'accelerator', doc: 'Standing still while the accelerator works' },
  { name: 'idle', doc: 'Standing still for an interrupt' },
] as const
export type Cause = (typeof causes)[number]['name']
export type CauseCycles = Readonly<Record<Cause, number>>

/** Index of every cause in lists of cycles. */
export const causeIndex = Object.fromEntries(causes.map(({ name }, i) => [name, i])) as Readonly<Record<Cause, number>>

/** Why instructions of a class take more than the simplest. */
const causeOfClass: Readonly<Record<TimingClass, Cause>> = {
  alu: 'execute',
  shift: 'shift',
  mul: 'multiply',
  mulh: 'multiply',
  div: 'divide',
  load: 'memory',
  store: 'memory',
  branch: 'branch',
  jump: 'branch',
  'jump-register': 'branch',
  csr: 'system',
  fence: 'system',
  'fence-i': 'system',
  system: 'system',
}

/** Where the cycles of an instruction in its place go. */
export interface CostSplit {
  /** Cycles that it always takes. */
  readonly cycles: number
  /** Of these, by cause. */
  readonly execute: number
  readonly hazard: number
  readonly branch: number
  /** What is left of them, and more cycles that depend on the run (a taken branch, operands, memory), go to this. */
  readonly cause: Cause
  /** More cycles of a split access. */
  readonly split: number
}

/**
 * Splits the cost of an instruction by the timing model's own terms. What an instruction takes beyond the simplest
 * one, its hazards and its fetches is due to its class.
 *
 * @param simplest cycles of the simplest instruction, as `simplestCycles`
 */
export function splitCost(model: TimingModel, placed: PlacedInstruction, simplest: number): CostSplit {
  const { cycles, hazard = 0, fetch = 0, split = 0 } = model.instruction(placed)
  const cause = causeOfClass[placed.row.timing]
  const own = cycles - hazard - fetch
  const execute = cause === 'execute' ? own : Math.min(own, simplest)
  return { cycles, execute, hazard, branch: fetch, cause, split }
}

/** Cycles of an addition that nothing waits for. */
export function simplestCycles(model: TimingModel, nop: Decoded): number {
  return model.instruction({ ...nop, pc: 0, next: () => undefined, target: () => undefined }).cycles
}
