import { UserError } from '../diagnostic.ts'
import type { Machine } from '../machine.ts'
import { encodeSnapshot } from '../snapshot/file.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Writes the machine's state to a file: whole or not at all, so that an old snapshot of that name survives a failure.
 *
 * @throws UserError when the file cannot be written
 */
export function writeSnapshot(machine: Machine, file: string): void {
  const content = encodeSnapshot(machine.save())
  try {
    writeWhole(file, content)
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('snapshot-file', `the snapshot cannot be written (${code})`, 'choose another file', { file })
  }
}
