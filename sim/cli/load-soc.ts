import { UserError } from '../diagnostic.ts'
import { defaultSoc } from '../soc/default.ts'
import type { SocDescription } from '../soc/description.ts'
import { parseSoc } from '../soc/parse.ts'
import { readInput } from './read-input.ts'

/** SoCs that `--soc` knows by name. */
const socs: readonly SocDescription[] = [defaultSoc]

/**
 * The SoC of a `--soc` option: a known name, or a JSON file with the fields of `SocDescription`; fields it leaves
 * out are those of the default SoC.
 *
 * @throws UserError when there is none such or the description is not valid
 */
export function loadSoc(nameOrFile: string): SocDescription {
  const known = socs.find((soc) => soc.name === nameOrFile)
  if (known !== undefined) return known
  if (!nameOrFile.endsWith('.json')) {
    const names = socs.map((soc) => soc.name).join(', ')
    throw new UserError('soc-unknown', `there is no SoC '${nameOrFile}'`, `choose ${names}, or give a .json file`)
  }
  const text = new TextDecoder().decode(readInput(nameOrFile))
  try {
    return parseSoc(text, { ...defaultSoc, name: nameOrFile })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new UserError(error.code, error.message, error.hint, { file: nameOrFile })
  }
}
