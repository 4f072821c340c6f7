import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

/** A file that is being written: `close` puts it in its place, `discard` leaves there what was. */
export interface WholeFile {
  readonly descriptor: number
  close(): void
  discard(): void
}

/**
 * Opens a file that appears whole or not at all: it is written beside its place, as `NAME.part`, and moved there.
 * Devices and pipes cannot be replaced so and are written directly; of a link, the file that it leads to is replaced.
 */
export function openWhole(file: string): WholeFile {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile()) {
    const descriptor = openSync(file, 'w')
    const close = () => closeSync(descriptor)
    return { descriptor, close, discard: close }
  }
  const place = found === undefined ? file : realpathSync(file)
  const beside = `${place}.part`
  const descriptor = openSync(beside, 'w')
  return {
    descriptor,
    close() {
      closeSync(descriptor)
      renameSync(beside, place)
    },
    discard() {
      closeSync(descriptor)
      rmSync(beside, { force: true })
    },
  }
}

/** Writes a file whole or not at all: an old one of that name survives a failure. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const whole = openWhole(file)
  try {
    writeFileSync(whole.descriptor, content)
  } catch (error) {
    whole.discard()
    throw error
  }
  whole.close()
}
