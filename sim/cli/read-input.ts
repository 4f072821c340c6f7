import { readFileSync } from 'node:fs'
import { UserError } from '../diagnostic.ts'

/**
 * The bytes of a file the user named.
 *
 * @throws UserError when it cannot be read
 */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a directory'
          : `it cannot be read (${code})`
    throw new UserError('file-unreadable', why, 'check the path', { file: path })
  }
}
