import type { StepObserver } from '../cpu/step.ts'

/** A debugger's hold on a machine's runs: while it is attached, code is interpreted. */
export interface RunControl {
  /** Asked between instructions, as often as the run looks at the platform; true ends it with reason `stopped`. */
  stopsAt(pc: number): boolean
  /** When there is one, every instruction is stepped and followed. */
  readonly observer: StepObserver | undefined
}
