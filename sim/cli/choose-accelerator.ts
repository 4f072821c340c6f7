import { findAccelerator } from '../../accelerators/index.ts'
import type { Target } from '../../compiler/target/target.ts'
import { UserError } from '../diagnostic.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'

/** What a build is for: the SoC with its accelerator settled, and what the compiler knows of it. */
export interface ChosenSoc {
  readonly soc: SocDescription
  /** Undefined when the CPU does everything. */
  readonly target: Target | undefined
}

/**
 * Settles which accelerator a model is compiled for.
 * @param accelerator its name, `none`, or undefined for the SoC's own
 * @param settings design parameters that replace those of the SoC, e.g. `accelerator.rows=32`
 * @throws UserError when there is no such accelerator or parameter
 */
export async function chooseAccelerator(
  soc: SocDescription,
  accelerator: string | undefined,
  settings: readonly string[] = [],
): Promise<ChosenSoc> {
  const block = findBlock(soc, 'accelerator')
  const parameters = Object.fromEntries(settings.map(parseSetting))
  const name = accelerator ?? block?.accelerator ?? 'none'
  if (name === 'none') {
    if (settings.length === 0) return { soc, target: undefined }
    throw new UserError('no-accelerator', `${settings[0]} is set, but no accelerator is used`, 'leave out one of both')
  }
  const target = await findAccelerator(name).target()
  if (block === undefined)
    throw new UserError('no-accelerator', `SoC ${soc.name} has no accelerator`, 'add a block of kind accelerator to it')
  const own = block.accelerator === name ? block.parameters : {}
  const settled = { ...block, accelerator: name, parameters: { ...own, ...parameters } }
  return { soc: { ...soc, blocks: soc.blocks.map((one) => (one === block ? settled : one)) }, target }
}

function parseSetting(text: string): [string, number] {
  const [, name, value] = /^accelerator\.(\w+)=(\d+)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, Number(value)]
  throw new UserError(
    'setting',
    `${text} is no setting`,
    'write it as accelerator.NAME=NUMBER, e.g. accelerator.rows=32',
  )
}
