/** Whether long runs keep the host's memory as it is: 10^9 instructions interpreted, 10^10 translated, 5 * 10^9 of endless new code. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine, type MachineOptions } from '../../sim/machine.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { build } from './steady.ts'
import { pathological, type Workload, workloads } from './workloads.ts'

const MEBI = 2 ** 20
/** Looks at memory in the course of a run. */
const LOOKS = 10

/** What the process holds after so many instructions, in MiB. */
interface Look {
  readonly instructions: number
  readonly resident: number
  readonly heap: number
  readonly modules: number
}

export interface MemoryRow {
  readonly name: string
  readonly looks: readonly Look[]
  /** MiB of heap at the end beyond the first look, when all has been translated for the first time. */
  readonly growth: number
}

const endless = (list: readonly Workload[], name: string): Workload => ({
  ...list.find((workload) => workload.name === name)!,
  rounds: 0xffff_ffff,
})

const runs: readonly {
  readonly workload: Workload
  readonly options: MachineOptions
  readonly instructions: number
}[] = [
  { workload: endless(workloads, 'mixed'), options: { engine: 'interpreter' }, instructions: 1e9 },
  { workload: endless(workloads, 'mixed'), options: { engine: 'auto' }, instructions: 1e10 },
  { workload: endless(pathological, 'new_code'), options: { engine: 'auto' }, instructions: 5e9 },
  { workload: endless(pathological, 'spread_code'), options: { engine: 'auto' }, instructions: 5e9 },
]

export async function measureMemory(folder: string): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = []
  for (const { workload, options, instructions } of runs) {
    const { elf, name } = await build(workload, folder, 'platform')
    const machine = new Machine(defaultSoc, { cpu: 'ideal', ...options })
    machine.load(await loadElf(elf, name))
    const looks: Look[] = []
    for (let look = 1; look <= LOOKS; look++) {
      machine.run({ maxInstructions: (instructions / LOOKS) * look })
      looks.push(lookAt(machine))
    }
    rows.push({ name: `${name}, ${options.engine}`, looks, growth: looks.at(-1)!.heap - looks[0]!.heap })
  }
  return rows
}

setFlagsFromString('--expose-gc')
/** What is garbage shall not count. */
const collectGarbage = runInNewContext('gc') as () => void

function lookAt({ hart, translatedModules }: Machine): Look {
  collectGarbage()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  return {
    instructions: hart.instructions,
    resident: rss / MEBI,
    heap: (heapUsed + arrayBuffers) / MEBI,
    modules: translatedModules,
  }
}
