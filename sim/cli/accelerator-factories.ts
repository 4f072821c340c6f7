import type { AcceleratorDescription, ParameterTable } from '../accel/description.ts'
import type { EffectsKind } from '../accel/effects.ts'
import type { SocDescription } from '../soc/description.ts'
import type { AcceleratorFactory } from '../soc/platform.ts'

/** Where the model of each accelerator is: one row for each folder in `accelerators/`, loaded only when a SoC has it. */
const loaders: Readonly<Record<string, (effects: EffectsKind) => Promise<AcceleratorFactory>>> = {
  cnn: async (effects) => attach((await import('../../accelerators/cnn/hardware.ts')).cnn, effects),
}

async function attach<P extends ParameterTable>(
  description: AcceleratorDescription<P>,
  effects: EffectsKind,
): Promise<AcceleratorFactory> {
  const { modelFactory } = await import('../accel/attach.ts')
  return modelFactory(description, effects)
}

/** Models of the accelerators that the SoC has, by name; `effects` says how their commands are computed. */
export async function acceleratorFactories(
  soc: SocDescription,
  effects: EffectsKind = 'fast',
): Promise<Record<string, AcceleratorFactory>> {
  const factories: Record<string, AcceleratorFactory> = {}
  for (const block of soc.blocks) {
    const load = block.kind === 'accelerator' ? loaders[block.accelerator] : undefined
    if (block.kind === 'accelerator' && load !== undefined) factories[block.accelerator] = await load(effects)
  }
  return factories
}
