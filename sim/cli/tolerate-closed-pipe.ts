/** A reader that stops reading (`sim run fw.elf | head`) is no error of ours: the process ends quietly. */
export function tolerateClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly)
}

/** Ends the process when the error is that nobody reads any more; throws it otherwise. */
export function endQuietly(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(process.exitCode)
  throw error
}
