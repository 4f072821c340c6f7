import type { TensorData } from '../../compiler/ir/dtype.ts'
import { type DiagnosticPlace, UserError } from '../diagnostic.ts'
import { EXIT_FAULT, EXIT_LIMIT, type RunResult } from '../run-result.ts'

/** What came of a sample whose outputs were not made. */
interface FailedRun {
  readonly inputs: readonly TensorData[]
  readonly result: RunResult
  /** Injected faults that have happened, a sentence each. */
  readonly injected: readonly string[]
  /** Positions of those that have not. */
  readonly idleFaults: readonly number[]
}

/** Firmware of a model that did not come to its end: a trap, a deadlock, a limit, or an error that it told itself. */
export class InferenceFailure extends UserError {
  readonly run: FailedRun

  constructor(message: string, hint: string, place: DiagnosticPlace, run: FailedRun) {
    super('inference-failed', message, hint, place)
    this.run = run
  }

  /** That of the process, as `sim run` has it. A code of the firmware's own would be taken for one of `sim infer`. */
  get exitCode(): number {
    return this.run.result.reason === 'limit' ? EXIT_LIMIT : EXIT_FAULT
  }
}

/** A result, or the failure of the firmware, which is one, too. */
export function orFailure<T>(run: () => T): T | InferenceFailure {
  try {
    return run()
  } catch (error) {
    return asFailure(error)
  }
}

/** For what is caught: the failure of the firmware; everything else is thrown on. */
export function asFailure(error: unknown): InferenceFailure {
  if (error instanceof InferenceFailure) return error
  throw error
}
