import { elementCount } from '../ir/graph.ts'
import { ensureInt8, formatShape } from './constraints.ts'
import { ensure, type OperatorDefinition } from './operator.ts'

/** The same elements in another shape: no work where input and output share their storage. */
export const reshape: OperatorDefinition<
  'reshape',
  { readonly size: number },
  readonly [Int8Array],
  readonly [Int8Array]
> = {
  kind: 'reshape',
  inputs: [1, 1],
  outputs: [1, 1],
  alias: true,
  // The file states the output's shape; a shape that is an input says nothing more.
  tflite: {
    RESHAPE: () => ({ attributes: {}, inputs: [0] }),
    SQUEEZE: () => ({ attributes: {}, inputs: [0] }),
    EXPAND_DIMS: () => ({ attributes: {}, inputs: [0] }),
  },

  check({ inputs: [input], outputs: [output] }) {
    ensureInt8(input, 'input')
    ensureInt8(output, 'output')
    const same = elementCount(input.shape) === elementCount(output.shape)
    ensure(
      same,
      `its input of shape ${formatShape(input.shape)} does not fill its output of ${formatShape(output.shape)}`,
    )
  },

  parameters: ({ inputs: [input] }) => ({ size: elementCount(input.shape) }),
  evaluate: (_, [input], [out]) => out.set(input),
}
