import { UserError } from '../diagnostic.ts'
import { EXIT_REFUSED } from '../run-result.ts'

/** Exit code of a failure that is ours, not the user's (EX_SOFTWARE of sysexits). */
const EXIT_INTERNAL = 70

/**
 * Tells the user what went wrong, in one sentence on stderr.
 *
 * @returns the process's exit code
 */
export function reportFailure(error: unknown): number {
  if (error instanceof UserError) {
    process.stderr.write(`sim: ${error.render()}\n`)
    return EXIT_REFUSED
  }
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`sim: internal error: ${text}; please report it (SIM_DEBUG=1 shows where)\n`)
  if (process.env.SIM_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return EXIT_INTERNAL
}
