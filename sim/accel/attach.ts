import type { AcceleratorFactory } from '../soc/platform.ts'
import type { AcceleratorDescription, ParameterTable } from './description.ts'
import type { EffectsKind } from './effects.ts'
import { AcceleratorModel } from './model.ts'
import { resolveParameters } from './resolve-parameters.ts'

/**
 * Puts the model of an accelerator into a SoC, with the parameters that its block gives.
 * @param effects how the effects of commands are computed; the result is the same
 */
export function modelFactory<P extends ParameterTable>(
  description: AcceleratorDescription<P>,
  effects: EffectsKind = 'fast',
): AcceleratorFactory {
  return (block, ports) => {
    const model = new AcceleratorModel(description, resolveParameters(description, block.parameters), {
      events: ports.events,
      bus: ports.memory,
      interrupt: ports.interrupt,
      contention: ports.contention,
      effects,
      ...(ports.listener && { listener: ports.listener }),
    })
    return {
      registers: model,
      window: model.window,
      memories: model.memories,
      units: model.units,
      waitingFor: () => model.waitingFor(),
      describe: () => model.describe(),
    }
  }
}
