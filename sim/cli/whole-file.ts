import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { UserError } from '../diagnostic.ts'

const TAKEN_HINT = 'give each run a file of its own'

/** A file that is being written: `close` puts it in its place, `discard` leaves there what was. */
export interface WholeFile {
  readonly descriptor: number
  close(): void
  discard(): void
}

/** Files beside their places that are being written. */
const unsettled = new Set<string>()
// What has come of nothing when the process ends, because something else was refused, is of no use to anybody.
process.on('exit', () => {
  for (const file of unsettled) if (statSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file, { force: true })
})

/**
 * Opens a file that appears whole or not at all: it is written beside its place, as `NAME.part`, and moved there.
 * Whoever opens it last has it: an earlier one goes on with a file that has lost its name, and is told when it closes it.
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
  // A file of its own, so that two runs that write the same never write into each other's.
  const left = lstatSync(beside, { throwIfNoEntry: false })
  if (left?.isFile()) rmSync(beside, { force: true })
  const descriptor = openSync(beside, left === undefined || left.isFile() ? 'wx' : 'w')
  const { ino } = fstatSync(descriptor)
  const isOurs = () => statSync(beside, { throwIfNoEntry: false })?.ino === ino
  unsettled.add(beside)
  const settled = () => unsettled.delete(beside)
  return {
    descriptor,
    close() {
      const ours = isOurs()
      closeSync(descriptor)
      settled()
      if (!ours) throw new UserError('output-taken', 'another run has written it meanwhile', TAKEN_HINT, { file })
      rename(beside, place)
    },
    discard() {
      const ours = isOurs()
      closeSync(descriptor)
      settled()
      if (ours) rmSync(beside, { force: true })
    },
  }
}

function rename(beside: string, place: string): void {
  try {
    renameSync(beside, place)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
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
