import { createHash } from 'node:crypto'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { modelFactory } from '../../../sim/accel/attach.ts'
import { Machine, type MachineOptions, type MachineState } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

const accelerators = { cnn: modelFactory(cnn) }

/** The default SoC with its accelerator. */
export function machine(options: MachineOptions = {}): Machine {
  return new Machine(defaultSoc, { accelerators, ...options })
}

/**
 * Everything of a state that two equal runs have in common, memories as digests: short enough to compare and to print.
 * Events that no counter selects are counted only by engines that look at every instruction: they are left out.
 */
export function digest(state: MachineState): unknown {
  return JSON.parse(
    JSON.stringify(state, (key, value: unknown) => {
      if (key === 'counts') return undefined
      if (typeof value === 'bigint') return `${value}n`
      return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value
    }),
  )
}
