import type { ElfImage } from '../../sim/elf/image.ts'
import { SymbolTable } from '../../sim/elf/symbols.ts'
import { type Engine, Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { SocDescription } from '../../sim/soc/description.ts'
import { START } from '../sim/guest.ts'
import type { Random } from './random.ts'
import { randomProgram } from './random-program.ts'

const SMALL_RAM = 256 << 10

/** The default SoC with so little memory that comparing all of it is quick. */
function smallSoc(waitStates: number): SocDescription {
  const blocks = defaultSoc.blocks.map((block) =>
    block.kind === 'ram' ? { ...block, size: SMALL_RAM, waitStates } : block,
  )
  return { ...defaultSoc, name: 'small', blocks }
}

/** Makes machines that run one random program, under one random choice of everything that changes its course. */
export function randomMachines(random: Random, cpu: string): (engine: Engine, options?: MachineOptions) => Machine {
  const { bytes, compressed } = randomProgram(random, START)
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

/** Makes machines that run firmware on the default SoC, with its accelerator. */
export function firmwareMachines(
  image: ElfImage,
  cpu: string,
  accelerators: NonNullable<MachineOptions['accelerators']>,
): (engine: Engine) => Machine {
  return (engine) => {
    const machine = new Machine(defaultSoc, { engine, cpu, accelerators })
    machine.load(image)
    return machine
  }
}
