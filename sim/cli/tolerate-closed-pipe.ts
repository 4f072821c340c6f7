import { UserError } from '../diagnostic.ts'
import { reportFailure } from './report-failure.ts'

/**
 * A reader that stops reading (`sim run fw.elf | head`) is no error of ours: the process ends quietly. Where output
 * goes may also be full; that is told in one sentence.
 */
export function tolerateClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') endQuietly(error)
      const message = `its output cannot be written (${error.code})`
      process.exit(reportFailure(new UserError('output-unwritable', message, 'send it to another place')))
    })
  }
}

/** Ends the process when the error is that nobody reads any more; throws it otherwise. */
export function endQuietly(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(process.exitCode)
  throw error
}
