/**
 * How much longer inferences take when the events of accelerator and layers are recorded, or all events but instructions and
 * memory accesses: the code stays translated. Plain and recorded inferences take turns, one by one, in one process that is
 * warm; of each kind the quicker half counts, for the machine does other things too. Packing and writing the file is added.
 */
import { buildModel } from '../../compiler/build-model.ts'
import { compileModel } from '../../compiler/compile.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import type { Probe } from '../../sim/probe/probe.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { type EventGroup, eventGroups } from '../../sim/trace/events.ts'
import { TraceWriter } from '../../sim/trace/writer.ts'
import type { GoldenModel } from '../../tests/end-to-end/shared-models.ts'
import { cpuSeconds } from './cpu-seconds.ts'

const WARM_UP = 20
const acceleratorEvents: readonly EventGroup[] = ['dma', 'compute', 'token', 'layer']
const allEvents = eventGroups.filter((group) => group !== 'commit' && group !== 'mem')

export interface EventCostRow {
  readonly network: string
  /** `cnn`, or `none`: the hart does everything. */
  readonly accelerator: string
  /** Of one inference, nothing recorded. */
  readonly milliseconds: number
  readonly instructions: number
  /** How much longer it takes, 0.01 being one percent. */
  readonly acceleratorEvents: number
  readonly allEvents: number
}

export async function measureEvents(model: GoldenModel, accelerator: string, rounds: number): Promise<EventCostRow> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const compiled = compileModel(model.bytes, model.name, { soc, ...(target && { target }) })
  const image = await loadElf(await buildModel(compiled, findToolchain()), model.name)
  const accelerators = target ? await acceleratorFactories(soc) : {}
  let instructions = 0
  const subject = (probes: readonly Probe[]) => {
    const machine = new Machine(soc, { accelerators, probes })
    machine.load(image)
    const ready = machine.save()
    return () => {
      machine.restore(ready)
      return cpuSeconds(() => ({ instructions } = machine.run()))
    }
  }
  const recorded = (groups: readonly EventGroup[]) => {
    const platform = { soc, isa: soc.hart.isa, cpu: soc.hart.cpu }
    const writer = new TraceWriter(() => {}, { platform, events: new Set(groups) })
    return { run: subject([writer.probe]), finish: () => cpuSeconds(() => writer.cut()) }
  }
  const subjects = [{ run: subject([]), finish: () => 0 }, recorded(acceleratorEvents), recorded(allEvents)]
  for (let round = 0; round < WARM_UP; round++) for (const { run } of subjects) run()
  for (const { finish } of subjects) finish()
  const times: number[][] = subjects.map(() => [])
  for (let round = 0; round < rounds; round++) for (const [i, { run }] of subjects.entries()) times[i]!.push(run())
  const [plain, some, all] = subjects.map(({ finish }, i) => quickerHalf(times[i]!) + finish() / rounds)
  return {
    network: model.name,
    accelerator,
    milliseconds: plain! * 1000,
    instructions,
    acceleratorEvents: some! / plain! - 1,
    allEvents: all! / plain! - 1,
  }
}

/** Mean of the lower half. */
function quickerHalf(times: readonly number[]): number {
  const half = [...times].sort((a, b) => a - b).slice(0, Math.ceil(times.length / 2))
  return half.reduce((sum, time) => sum + time, 0) / half.length
}
