import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../shared/', import.meta.url))

/**
 * Path of a file of the shared validation data (models with golden outputs, RTL cycle counts) that
 * stands beside the repository, or undefined in a plain clone, which has none.
 */
export function sharedPath(relative: string): string | undefined {
  const path = `${root}${relative}`
  return existsSync(path) ? path : undefined
}
