import { findAccelerator } from '../../accelerators/index.ts'
import type { AcceleratorDescription } from '../accel/description.ts'
import { resolveParameters } from '../accel/resolve-parameters.ts'
import type { Peak } from '../profile/inference-profile.ts'
import { findBlock, type SocDescription } from '../soc/description.ts'

/** An accelerator with its parameters settled. */
export interface SettledAccelerator {
  readonly description: AcceleratorDescription
  readonly parameters: Readonly<Record<string, number>>
}

/** The accelerator of a SoC. @throws UserError when there is none of its name, or a parameter is impossible */
export async function settledAccelerator(soc: SocDescription): Promise<SettledAccelerator | undefined> {
  const block = findBlock(soc, 'accelerator')
  if (block === undefined) return undefined
  const description = await findAccelerator(block.accelerator).description()
  return { description, parameters: resolveParameters(description, block.parameters) }
}

/** What bounds a layer; undefined for an accelerator whose parameters do not say. */
export function peakOf({ parameters }: Pick<SettledAccelerator, 'parameters'>): Peak | undefined {
  const { rows, columns, dmaBytesPerCycle, clockDivider = 1 } = parameters
  if (rows === undefined || columns === undefined || dmaBytesPerCycle === undefined) return undefined
  return { peakMacsPerCycle: (rows * columns) / clockDivider, bytesPerCycle: dmaBytesPerCycle / clockDivider }
}
