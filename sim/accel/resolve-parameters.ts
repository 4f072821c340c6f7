import { UserError } from '../diagnostic.ts'
import type { AcceleratorDescription, ParameterTable, ParameterValues } from './description.ts'

/**
 * Values of all design parameters: the defaults with `overrides` in their place.
 * @throws UserError for a name that does not exist or a value outside its range
 */
export function resolveParameters<P extends ParameterTable>(
  description: AcceleratorDescription<P>,
  overrides: Readonly<Record<string, number>> = {},
): ParameterValues<P> {
  const table: ParameterTable = description.parameters
  for (const [name, value] of Object.entries(overrides)) {
    const spec = table[name]
    if (spec === undefined)
      throw new UserError(
        'parameter-unknown',
        `accelerator ${description.name} has no parameter ${name}`,
        `its parameters are ${Object.keys(table).join(', ')}`,
      )
    const step = spec.multipleOf ?? 1
    if (!isPossible(spec, value))
      throw new UserError(
        'parameter-range',
        `${name} = ${value} ${spec.unit} is not possible`,
        `use ${step === 1 ? 'a whole number' : `a multiple of ${step}`} from ${spec.min} to ${spec.max}`,
      )
  }
  const entries = Object.entries(table).map(([name, spec]) => [name, overrides[name] ?? spec.default])
  return Object.fromEntries(entries) as ParameterValues<P>
}

/** Whether a parameter may have this value. */
export function isPossible({ min, max, multipleOf = 1 }: ParameterTable[string], value: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max && value % multipleOf === 0
}
