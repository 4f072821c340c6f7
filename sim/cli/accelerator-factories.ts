import type { AcceleratorDescription, ParameterTable } from '../accel/description.ts'
import type { SocDescription } from '../soc/description.ts'
import type { AcceleratorFactory } from '../soc/platform.ts'

/** Where the model of each accelerator is: one row for each folder in `accelerators/`, loaded only when a SoC has it. */
const loaders: Readonly<Record<string, () => Promise<AcceleratorFactory>>> = {
  cnn: async () => attach((await import('../../accelerators/cnn/hardware.ts')).cnn),
}

async function attach<P extends ParameterTable>(description: AcceleratorDescription<P>): Promise<AcceleratorFactory> {
  const { modelFactory } = await import('../accel/attach.ts')
  return modelFactory(description)
}

/** Models of the accelerators that the SoC has, by name. */
export async function acceleratorFactories(soc: SocDescription): Promise<Record<string, AcceleratorFactory>> {
  const factories: Record<string, AcceleratorFactory> = {}
  for (const block of soc.blocks) {
    const load = block.kind === 'accelerator' ? loaders[block.accelerator] : undefined
    if (block.kind === 'accelerator' && load !== undefined) factories[block.accelerator] = await load()
  }
  return factories
}
