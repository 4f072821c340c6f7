import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UserError } from '../diagnostic.ts'
import { refuseInput } from './read-input.ts'

/** An option that names a file to write; others than a text name none. */
export type Output = readonly [option: string, file: string | true | undefined]

/**
 * For a command's beginning, so that no run is in vain: of outputs that replace each other only the last would be left.
 *
 * @throws UserError when a file is named twice, or is an input
 */
export function checkOutputs(outputs: readonly Output[]): void {
  const options = new Map<string, string>()
  for (const [option, file] of outputs) {
    if (typeof file !== 'string' || isDevice(file)) continue
    refuseInput(file)
    const place = placeOf(file)
    const other = options.get(place)
    if (other !== undefined) {
      const message = `${other} and ${option} would both write it`
      throw new UserError('output-twice', message, 'give each a file of its own', { file })
    }
    options.set(place, option)
  }
}

/** Devices and pipes take what several write. */
function isDevice(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  return found !== undefined && !found.isFile() && !found.isDirectory()
}

function placeOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return resolve(file)
  }
}
