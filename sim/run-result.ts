import type { MeasuredRegion } from './devices/markers.ts'

/**
 * Why a run ended: the guest said so; a trap nobody handles; a limit; nothing can ever happen any more. And why it
 * paused: the guest looks for console input while its caller has not said yet what there is (`ConsoleInput`).
 */
export type EndReason = 'exit' | 'trap' | 'limit' | 'deadlock' | 'input' | 'stopped'

/** Process exit codes of runs that the guest did not end itself. */
export const EXIT_LIMIT = 124
export const EXIT_REFUSED = 125
export const EXIT_FAULT = 126

/** What came of a run; counts are since reset. */
export interface RunResult {
  readonly reason: EndReason
  /** The guest's exit code, or `EXIT_LIMIT` or `EXIT_FAULT`. */
  readonly exitCode: number
  /** One sentence on why, when the guest did not end the run itself. */
  readonly explanation: string | undefined
  readonly instructions: number
  readonly cycles: number
  /** Text the guest wrote to its console, since reset. */
  readonly console: string
  /** Completed regions of interest, in the order of their ends. */
  readonly regions: readonly MeasuredRegion[]
  /** Check values the guest reported, as `0x` and eight digits. */
  readonly checks: readonly string[]
}

/** Where a run stops at the latest; since reset, no limit when absent. */
export interface RunLimits {
  readonly maxCycles?: number
  readonly maxInstructions?: number
}
