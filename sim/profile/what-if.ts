import type { ParameterTable } from '../accel/description.ts'
import { isPossible } from '../accel/resolve-parameters.ts'
import type { TimedCommand } from './timed-command.ts'

type Parameters = Readonly<Record<string, number>>

/** A parameter of the accelerator with another value, and the part of the cycles of some commands that this saves. */
export interface WhatIf {
  readonly parameter: string
  readonly value: number
  readonly saved: number
}

/** Less is not worth a word. */
const LEAST_SAVED = 0.1

/**
 * Which parameter makes commands shortest, as the accelerator's own description counts their cycles; undefined when
 * none saves a tenth. The commands stay as they are: a compiler may do better with other tiles.
 *
 * @param factors what parameters are multiplied by
 * @param ranges what parameters may be
 */
export function bestChange(
  commands: readonly Pick<TimedCommand, 'command'>[],
  parameters: Parameters,
  factors: readonly number[],
  ranges: ParameterTable,
): WhatIf | undefined {
  const now = cyclesOf(commands, parameters)
  const changes = Object.entries(parameters).flatMap(([parameter, value]): WhatIf[] =>
    factors
      .map((factor) => value * factor)
      .filter((changed) => ranges[parameter] !== undefined && isPossible(ranges[parameter], changed))
      .map((changed) => {
        const saved = 1 - cyclesOf(commands, { ...parameters, [parameter]: changed }) / now
        return { parameter, value: changed, saved }
      }),
  )
  return changes
    .filter(({ saved }) => saved >= LEAST_SAVED)
    .reduce<WhatIf | undefined>((best, one) => (best === undefined || one.saved > best.saved ? one : best), undefined)
}

/** One after the other, on a RAM port of their own. */
function cyclesOf(commands: readonly Pick<TimedCommand, 'command'>[], parameters: Parameters): number {
  const { clockDivider = 1 } = parameters
  const costs = commands.map(({ command: { spec, fields } }) => spec.cycles(fields, parameters))
  return clockDivider * costs.reduce((sum, { cycles, busCycles = 0 }) => sum + cycles + busCycles, 0)
}
