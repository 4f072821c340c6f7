import type { AcceleratorBlock } from '../soc/description.ts'
import type { AcceleratorView } from '../soc/registers.ts'
import { acceleratorHeader } from './c-header.ts'
import type { AcceleratorDescription } from './description.ts'
import { resolveParameters } from './resolve-parameters.ts'

/** What the header, the device tree and the SVD of a SoC show of an accelerator block. */
export function acceleratorView(description: AcceleratorDescription, block: AcceleratorBlock): AcceleratorView {
  const parameters = resolveParameters(description, block.parameters)
  return {
    doc: description.doc,
    registers: description.registers.map(({ reset = 0, ...row }) => ({
      ...row,
      size: 4,
      reset: typeof reset === 'function' ? reset(parameters) : reset,
    })),
    header: acceleratorHeader(description, parameters, block.name.toUpperCase()),
  }
}
