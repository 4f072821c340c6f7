import { readFileSync, realpathSync, statSync } from 'node:fs'
import { UserError } from '../diagnostic.ts'

/** Files that were read. */
const inputs = new Set<string>()

/** For outputs of another kind than their inputs. @throws UserError when a file is one of those that were read */
export function refuseInput(path: string): void {
  const place = realpath(path)
  if (place === undefined || !inputs.has(place)) return
  throw new UserError('output-is-input', 'it is an input, and the output would replace it', 'choose another name', {
    file: path,
  })
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/**
 * The bytes of a file the user named.
 *
 * @throws UserError when it cannot be read
 */
export function readInput(path: string): Uint8Array {
  try {
    const bytes = readFileSync(path)
    if (statSync(path).isFile()) inputs.add(realpathSync(path))
    return bytes
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
