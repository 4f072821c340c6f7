import { UserError } from '../../diagnostic.ts'
import { ideal } from './ideal.ts'
import type { TimingModel } from './timing-model.ts'

/** Every timing model that `--cpu` knows. */
export const timingModels: readonly TimingModel[] = [ideal]

/** @throws UserError when no model has this name */
export function timingModel(name: string): TimingModel {
  const model = timingModels.find((model) => model.name === name)
  if (model === undefined) {
    const names = timingModels.map((model) => model.name).join(', ')
    throw new UserError('cpu-model', `there is no timing model '${name}'`, `choose one of ${names}`)
  }
  return model
}
