/** A reader that stops reading (`sim run fw.elf | head`) is no error of ours: the process ends quietly. */
export function tolerateClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode)
    throw error
  })
}
