/** What a full recording costs: instructions a second and bytes per instruction, on C workloads. */
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import type { Probe } from '../../sim/probe/probe.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { eventGroups } from '../../sim/trace/events.ts'
import { TraceWriter } from '../../sim/trace/writer.ts'
import { buildWorkload, type Workload } from '../cpu/workloads.ts'
import { cpuSeconds, median } from './cpu-seconds.ts'

/** A tenth of the CPU benchmark's length: 30 million instructions. */
const SHORTER = 10

export interface RecordingRow {
  readonly workload: string
  readonly instructions: number
  /** Million instructions a second, recorded; and followed by a probe that does nothing with them. */
  readonly recorded: number
  readonly followed: number
  readonly bytesPerInstruction: number
}

export async function measureRecording(workload: Workload, repeats: number): Promise<RecordingRow> {
  const elf = await buildWorkload({ ...workload, rounds: Math.ceil(workload.rounds / SHORTER) }, findToolchain())
  const image = await loadElf(elf, workload.name)
  let [instructions, bytes] = [0, 0]
  const run = (probe: Probe): number => {
    const machine = new Machine(defaultSoc, { probes: [probe] })
    machine.load(image)
    return cpuSeconds(() => {
      const result = machine.run()
      if (result.reason !== 'exit') throw new Error(`${workload.name} ended with ${result.reason}`)
      instructions = result.instructions
    })
  }
  const record = (): number => {
    bytes = 0
    const platform = { soc: defaultSoc, isa: defaultSoc.hart.isa, cpu: defaultSoc.hart.cpu }
    const writer = new TraceWriter((piece) => (bytes += piece.length), { platform, events: new Set(eventGroups) })
    return run(writer.probe) + cpuSeconds(() => writer.close())
  }
  const seconds: [recorded: number, followed: number][] = []
  for (let repeat = 0; repeat < repeats; repeat++) seconds.push([record(), run({ instructions: () => {} })])
  const mips = (times: readonly number[]) => instructions / median(times) / 1e6
  return {
    workload: workload.name,
    instructions,
    recorded: mips(seconds.map(([recorded]) => recorded)),
    followed: mips(seconds.map(([, followed]) => followed)),
    bytesPerInstruction: bytes / instructions,
  }
}
