/** The accelerators of this repository: one row for each folder. Nothing is loaded before it is used. */
import type { Target } from '../compiler/target/target.ts'
import type { AcceleratorDescription } from '../sim/accel/description.ts'
import { UserError } from '../sim/diagnostic.ts'

export interface AcceleratorRow {
  /** What the simulated block and the C header derive from. */
  readonly description: () => Promise<AcceleratorDescription>
  /** What the compiler knows beyond it. */
  readonly target: () => Promise<Target>
}

const accelerators: Readonly<Record<string, AcceleratorRow>> = {
  cnn: {
    description: async () => (await import('./cnn/hardware.ts')).cnn,
    target: async () => (await import('./cnn/target.ts')).cnnTarget,
  },
}

/** @throws UserError `accelerator-unknown` */
export function findAccelerator(name: string): AcceleratorRow {
  const row = Object.hasOwn(accelerators, name) ? accelerators[name] : undefined
  if (row !== undefined) return row
  const names = [...Object.keys(accelerators), 'none'].join(', ')
  throw new UserError('accelerator-unknown', `there is no accelerator ${name}`, `choose one of ${names}`)
}
