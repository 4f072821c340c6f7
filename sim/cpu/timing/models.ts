import { UserError } from '../../diagnostic.ts'
import { cv32e40p } from './cv32e40p.ts'
import { ibex, ibexMaxperf } from './ibex.ts'
import { ideal } from './ideal.ts'
import { picorv32, picorv32Noshift, picorv32Small, picorv32Ws1 } from './picorv32.ts'
import type { TimingModel } from './timing-model.ts'

/** Every timing model that `--cpu` knows. */
export const timingModels: readonly TimingModel[] = [
  ideal,
  ibex,
  ibexMaxperf,
  cv32e40p,
  picorv32,
  picorv32Noshift,
  picorv32Small,
  picorv32Ws1,
]

/** @throws UserError when no model has this name */
export function timingModel(name: string): TimingModel {
  const model = timingModels.find((model) => model.name === name)
  if (model === undefined) {
    const names = timingModels.map((model) => model.name).join(', ')
    throw new UserError('cpu-model', `there is no timing model '${name}'`, `choose one of ${names}`)
  }
  return model
}
