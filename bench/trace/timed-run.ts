/**
 * A process that runs one firmware, records events or does not, and tells how long that took: what V8 makes of the code is
 * what it makes of it in a run of `sim`. It is told what to run, then again and again for how many cycles.
 */
import { once } from 'node:events'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import type { SocDescription } from '../../sim/soc/description.ts'
import type { EventGroup } from '../../sim/trace/events.ts'
import { TraceWriter } from '../../sim/trace/writer.ts'
import { cpuSeconds } from './cpu-seconds.ts'

export interface RunTask {
  readonly elf: Uint8Array
  readonly soc: SocDescription
  /** What is recorded. */
  readonly events: readonly EventGroup[]
}

const { elf, soc, events }: RunTask = (await once(process, 'message'))[0]
const platform = { soc, isa: soc.hart.isa, cpu: soc.hart.cpu }
const writer = events.length === 0 ? undefined : new TraceWriter(() => {}, { platform, events: new Set(events) })
const accelerators = await acceleratorFactories(soc)
const machine = new Machine(soc, { accelerators, probes: writer === undefined ? [] : [writer.probe] })
machine.load(await loadElf(elf, 'network'))

process.on('message', (cycles: number) => {
  const maxCycles = machine.hart.cycles + cycles
  const seconds = cpuSeconds(() => {
    const { reason } = machine.run({ maxCycles })
    if (reason !== 'limit') throw new Error(`the network ended with ${reason}`)
  })
  process.send!(seconds)
})
process.send!('ready')
