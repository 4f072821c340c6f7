import { checkExtremum, type ExtremumDefinition, evaluateExtremum, extremumParameters } from './extremum.ts'

/** The larger of two elements, with broadcasting. */
export const maximum: ExtremumDefinition<'maximum'> = {
  kind: 'maximum',
  inputs: [2, 2],
  outputs: [1, 1],
  tflite: { MAXIMUM: () => ({ attributes: {} }) },
  check: checkExtremum,
  parameters: extremumParameters,
  evaluate: (p, inputs, [out]) => evaluateExtremum(p, inputs, out, 1),
}
