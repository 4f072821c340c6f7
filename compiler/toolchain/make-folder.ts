import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and the folders that lead to it; not by Node's own recursion, which never ends where a folder can have
 * none inside (/proc).
 *
 * @throws the error of the file system when that is not possible
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have made it in between.
    if (!existsSync(path)) throw error
  }
}
