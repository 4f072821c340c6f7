import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { threadSeconds } from './clock.ts'
import { installedPeers, type Peer, runPeer } from './peers.ts'
import type { Console } from './workloads.ts'

/** A built workload, on disk and in memory. */
export interface Binary {
  readonly name: string
  readonly file: string
  readonly elf: Uint8Array
}

/** What came of one run, in processor time; the instructions where they are counted. */
export interface Outcome {
  readonly seconds: number
  readonly console: string
  readonly instructions?: number
}

/** A way to run a workload. */
export interface Variant {
  readonly name: string
  readonly console: Console
  readonly run: (binary: Binary) => Promise<Outcome> | Outcome
  /** Too slow for the long run; its speed does not change with length. */
  readonly shortOnly: boolean
}

/** A fresh machine, from its making to the program's end. */
export async function runMachine({ elf, name }: Binary, options: MachineOptions): Promise<Required<Outcome>> {
  const begin = threadSeconds()
  const machine = new Machine(defaultSoc, options)
  machine.load(await loadElf(elf, name))
  const { instructions, console, reason, explanation } = machine.run()
  if (reason !== 'exit') throw new Error(`${name} ended with ${reason}: ${explanation}`)
  return { instructions, console, seconds: threadSeconds() - begin }
}

const own = (name: string, options: MachineOptions, shortOnly = false): Variant => ({
  name,
  console: 'platform',
  run: (binary) => runMachine(binary, options),
  shortOnly,
})

const other = (peer: Peer): Variant => ({ ...peer, run: ({ file }) => runPeer(peer, file) })

/** The variants to compare: our own, then other simulators where they are installed. */
export function allVariants(): readonly Variant[] {
  return [
    own('interpreter', { cpu: 'ideal', engine: 'interpreter' }, true),
    own('translator', { cpu: 'ideal', engine: 'auto' }),
    own('ibex', { cpu: 'ibex', engine: 'auto' }),
    own('cv32e40p', { cpu: 'cv32e40p', engine: 'auto' }),
    ...installedPeers().map(other),
  ]
}
