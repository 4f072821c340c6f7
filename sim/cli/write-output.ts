import { dirname } from 'node:path'
import { makeFolder } from '../../compiler/toolchain/make-folder.ts'
import { UserError } from '../diagnostic.ts'
import { refuseInput } from './read-input.ts'
import { writeWhole } from './whole-file.ts'

/**
 * Writes a file the user asked for, whole or not at all, and the folders that lead to it.
 *
 * @throws UserError when it cannot be written, or would replace an input
 */
export function writeOutput(path: string, content: string | Uint8Array): void {
  refuseInput(path)
  try {
    makeFolder(dirname(path))
    writeWhole(path, content)
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new UserError('output-unwritable', `it cannot be written (${code})`, 'choose another place', { file: path })
  }
}
