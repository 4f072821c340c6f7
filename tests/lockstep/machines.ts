import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { ConsoleInput } from '../../sim/console-input.ts'
import type { ElfImage } from '../../sim/elf/image.ts'
import { SymbolTable } from '../../sim/elf/symbols.ts'
import { type Engine, Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { SocDescription } from '../../sim/soc/description.ts'
import { START } from '../sim/guest.ts'
import { CodeWriter } from './code-writer.ts'
import type { Random } from './random.ts'
import { RAM_BYTES, randomProgram } from './random-program.ts'

/** The default SoC with so little memory that comparing all of it is quick. */
function smallSoc(waitStates: number): SocDescription {
  const blocks = defaultSoc.blocks.map((block) =>
    block.kind === 'ram' ? { ...block, size: RAM_BYTES, waitStates } : block,
  )
  return { ...defaultSoc, name: 'small', blocks }
}

/** Makes machines that run one random program, under one random choice of everything that changes its course. */
export function randomMachines(random: Random, cpu: string): (engine: Engine, options?: MachineOptions) => Machine {
  const { bytes, compressed, patches } = randomProgram(random, START)
  const writes = patches.length > 0 && random.oneIn(3)
  const seed = random.next()
  const soc = smallSoc(random.oneIn(4) ? 2 : 0)
  const misaligned = random.pick(['trap', 'hardware'] as const)
  const image: ElfImage = {
    name: 'random',
    entry: START,
    segments: [{ address: START, bytes, memorySize: bytes.length, executable: true, writable: true }],
    symbols: new SymbolTable([]),
    flags: 0,
    arch: undefined,
  }
  return (engine, options) => {
    const machine = new Machine(soc, { ...options, engine, cpu, misaligned, isa: `rv32ima${compressed ? 'c' : ''}b` })
    machine.load(image)
    if (writes) new CodeWriter(machine, patches, seed)
    return machine
  }
}

/** Makes machines that run a program from a file. */
export function imageMachines(image: ElfImage, cpu: string): (engine: Engine) => Machine {
  return (engine) => {
    const machine = new Machine(smallSoc(0), { engine, cpu, misaligned: 'hardware', isa: 'rv32imc' })
    machine.load(image)
    return machine
  }
}

/** Makes machines that run firmware on its SoC, with the SoC's accelerator. */
export async function firmwareMachines(
  image: ElfImage,
  cpu: string,
  { soc = defaultSoc, input = new Uint8Array(0) }: { readonly soc?: SocDescription; readonly input?: Uint8Array } = {},
): Promise<(engine: Engine) => Machine> {
  const accelerators = await acceleratorFactories(soc, 'fast')
  return (engine) => {
    const machine = new Machine(soc, { engine, cpu, accelerators, input: new ConsoleInput(input) })
    machine.load(image)
    return machine
  }
}
