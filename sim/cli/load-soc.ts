import { UserError } from '../diagnostic.ts'
import { checkSoc } from '../soc/check.ts'
import { defaultSoc } from '../soc/default.ts'
import type { SocDescription } from '../soc/description.ts'
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
  const soc = { ...defaultSoc, name: nameOrFile, ...parse(nameOrFile) }
  checkSoc(soc)
  return soc
}

function parse(file: string): Partial<SocDescription> {
  const text = new TextDecoder().decode(readInput(file))
  try {
    return JSON.parse(text) as Partial<SocDescription>
  } catch (error) {
    throw new UserError('soc-json', `it is no JSON (${(error as Error).message})`, 'correct the file', { file })
  }
}
