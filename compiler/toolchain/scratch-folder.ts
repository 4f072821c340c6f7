import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../sim/diagnostic.ts'

/** Makes a folder for temporary files, which the caller removes. @throws UserError `scratch-unwritable` when it cannot be made */
export function scratchFolder(): string {
  const place = tmpdir()
  try {
    return mkdtempSync(join(place, 'presilicon-'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const message = `no folder for temporary files can be made in it (${code})`
    throw new UserError('scratch-unwritable', message, 'set TMPDIR to a folder that can be written', { file: place })
  }
}
