import { type Engine, Machine } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { RAM } from './layout.ts'

const MOST_INSTRUCTIONS = 2_000_000

/** What came of a batch here. */
export interface PlatformRun {
  /** The beginning of RAM, as long as the image. */
  readonly memory: Uint8Array
  readonly instructions: number
  readonly cycles: number
  readonly modules: number
}

/** Runs from the first byte of RAM until the guest ends the run; undefined when it does not come to its end. */
export function runPlatform(image: Uint8Array, isa: string, engine: Engine): PlatformRun | undefined {
  const machine = new Machine(defaultSoc, { isa, cpu: 'ideal', misaligned: 'hardware', engine })
  machine.writeMemory(RAM, image)
  machine.hart.pc = RAM
  const { reason, instructions, cycles } = machine.run({ maxInstructions: MOST_INSTRUCTIONS })
  if (reason !== 'exit') return undefined
  return { memory: machine.readMemory(RAM, image.length), instructions, cycles, modules: machine.translatedModules }
}
