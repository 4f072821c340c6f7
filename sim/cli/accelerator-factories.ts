import type { SocDescription } from '../soc/description.ts'
import type { AcceleratorFactory } from '../soc/platform.ts'

/** Where the model of each accelerator is: one row for each folder in `accelerators/`, loaded only when a SoC has it. */
const loaders: Readonly<Record<string, () => Promise<AcceleratorFactory>>> = {}

/** Models of the accelerators that the SoC has, by name. */
export async function acceleratorFactories(soc: SocDescription): Promise<Record<string, AcceleratorFactory>> {
  const factories: Record<string, AcceleratorFactory> = {}
  for (const block of soc.blocks) {
    const load = block.kind === 'accelerator' ? loaders[block.accelerator] : undefined
    if (block.kind === 'accelerator' && load !== undefined) factories[block.accelerator] = await load()
  }
  return factories
}
