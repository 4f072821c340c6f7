import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { runQemu } from './qemu.ts'

/** A built workload, on disk and in memory. */
export interface Binary {
  readonly name: string
  readonly file: string
  readonly elf: Uint8Array
}

/** What came of one run; the instructions where they are counted. */
export interface Outcome {
  readonly seconds: number
  readonly console: string
  readonly instructions?: number
}

/** A way to run a workload. */
export interface Variant {
  readonly name: string
  readonly run: (binary: Binary) => Promise<Outcome> | Outcome
  /** Too slow for the long run; its speed does not change with length. */
  readonly shortOnly: boolean
}

async function runMachine({ elf, name }: Binary, options: MachineOptions): Promise<Outcome> {
  const begin = performance.now()
  const machine = new Machine(defaultSoc, options)
  machine.load(await loadElf(elf, name))
  const { instructions, console, reason, explanation } = machine.run()
  if (reason !== 'exit') throw new Error(`${name} ended with ${reason}: ${explanation}`)
  return { instructions, console, seconds: (performance.now() - begin) / 1000 }
}

const own = (name: string, options: MachineOptions, shortOnly = false): Variant => ({
  name,
  run: (binary) => runMachine(binary, options),
  shortOnly,
})

const qemu = (name: string, extra: readonly string[]): Variant => ({
  name,
  run: ({ file }) => runQemu(file, extra),
  shortOnly: false,
})

/** The variants to compare; QEMU's only where it is installed. */
export function variantsFor(withQemu: boolean): readonly Variant[] {
  return [
    own('interpreter', { cpu: 'ideal', engine: 'interpreter' }, true),
    own('translator', { cpu: 'ideal', engine: 'auto' }),
    own('ibex-maxperf', { cpu: 'ibex-maxperf', engine: 'auto' }),
    own('cv32e40p', { cpu: 'cv32e40p', engine: 'auto' }),
    ...(withQemu ? [qemu('qemu', []), qemu('qemu -icount', ['-icount', 'shift=0'])] : []),
  ]
}
