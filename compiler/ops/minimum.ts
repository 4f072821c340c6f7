import { checkExtremum, type ExtremumDefinition, evaluateExtremum, extremumParameters } from './extremum.ts'

/** The smaller of two elements, with broadcasting. */
export const minimum: ExtremumDefinition<'minimum'> = {
  kind: 'minimum',
  inputs: [2, 2],
  outputs: [1, 1],
  tflite: { MINIMUM: () => ({ attributes: {} }) },
  check: checkExtremum,
  parameters: extremumParameters,
  evaluate: (p, inputs, [out]) => evaluateExtremum(p, inputs, out, -1),
}
