import { type DiagnosticPlace, UserError } from '../diagnostic.ts'
import { visibleText } from '../report/visible-text.ts'
import { EXIT_REFUSED } from '../run-result.ts'

/** Exit code of a failure that is ours, not the user's (EX_SOFTWARE of sysexits). */
const EXIT_INTERNAL = 70

/** `error` of the JSON object of a command that failed. */
export interface ErrorObject extends DiagnosticPlace {
  /** Stable identifier. */
  readonly code: string
  readonly message: string
  /** The way out. */
  readonly hint: string
}

/**
 * Tells the user what went wrong, in one sentence on stderr.
 *
 * @param json whether stdout gets it as a JSON object, too
 * @returns the process's exit code
 */
export function reportFailure(error: unknown, json = false): number {
  const object = error instanceof UserError ? errorObject(error) : internalError(error)
  const sentence = error instanceof UserError ? error.render() : `internal error: ${object.message}; ${object.hint}`
  process.stderr.write(`sim: ${visibleText(sentence)}\n`)
  if (json) writeError(object)
  if (error instanceof UserError) return EXIT_REFUSED
  if (process.env.SIM_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return EXIT_INTERNAL
}

/** Writes the JSON object of a command that failed, with more that is known of it. */
export function writeError(error: ErrorObject, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ error, ...more })}\n`)
}

export function errorObject({ code, message, hint, place }: UserError): ErrorObject {
  return { code, message, hint, ...place }
}

function internalError(error: unknown): ErrorObject {
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, hint: 'please report it (SIM_DEBUG=1 shows where)' }
}
