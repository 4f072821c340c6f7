/**
 * How much longer inferences take when the events of accelerator and layers are recorded, or all events but instructions and
 * memory accesses: the code stays translated. The firmware runs its network for ever. Each kind of run has a process of its
 * own; they take turns, some inferences at a time, and the quicker half of the turns counts, for the machine does other things
 * too. V8 does not compile each process's code alike: new ones are made several times, and the middle one of the ratios counts.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { modelFirmware } from '../../compiler/build-model.ts'
import { compileModel } from '../../compiler/compile.ts'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import type { DeviceAccess } from '../../sim/probe/probe.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import type { SocDescription } from '../../sim/soc/description.ts'
import { type EventGroup, eventGroups } from '../../sim/trace/events.ts'
import type { GoldenModel } from '../../tests/end-to-end/shared-models.ts'
import { median } from './cpu-seconds.ts'
import type { RunTask } from './timed-run.ts'

/** Seconds of a turn, about: enough for what the recorder does only now and then. */
const TURN = 0.03
/** Seconds before anything counts: in the first ones V8 compiles, and drops, whatever is hot. */
const WARM_UP = 5
const MAIN = `#include "presilicon/model.h"
#include "presilicon/region.h"
int main(void)
{
  for (;;) {
    region_begin(1);
    if (model_invoke() != 0) return 1;
    region_end(1);
  }
}
`
const recordings: readonly (readonly EventGroup[])[] = [
  [],
  ['dma', 'compute', 'token', 'layer'],
  eventGroups.filter((group) => group !== 'commit' && group !== 'mem'),
]

export interface EventCostRow {
  readonly network: string
  /** `cnn`, or `none`: the hart does everything. */
  readonly accelerator: string
  /** Of one inference, nothing recorded. */
  readonly milliseconds: number
  /** How much longer it takes, 0.01 being one percent. */
  readonly acceleratorEvents: number
  readonly allEvents: number
}

/**
 * @param teams how often new processes are made
 * @param turns of each process
 */
export async function measureEvents(
  model: GoldenModel,
  accelerator: string,
  teams: number,
  turns: number,
): Promise<EventCostRow> {
  const { soc, target } = await chooseAccelerator(defaultSoc, accelerator)
  const {
    sources,
    generated = new Map(),
    ...rest
  } = modelFirmware(compileModel(model.bytes, model.name, { soc, ...(target && { target }) }))
  const own = sources.filter((path) => !path.endsWith('infer_main.c'))
  const firmware = { ...rest, sources: own, generated: new Map([...generated, ['main.c', MAIN]]) }
  const elf = await buildFirmware(firmware, findToolchain())
  const inference = await cyclesOfInference(elf, soc)
  const times: (readonly number[])[] = []
  for (let team = 0; team < teams; team++) times.push(await teamTimes({ elf, soc }, inference, turns))
  const more = (kind: number) => median(times.map((seconds) => seconds[kind]! / seconds[0]!)) - 1
  return {
    network: model.name,
    accelerator,
    milliseconds: median(times.map(([plain]) => plain!)) * 1000,
    acceleratorEvents: more(1),
    allEvents: more(2),
  }
}

/** Seconds of an inference, by what is recorded. */
async function teamTimes(task: Omit<RunTask, 'events'>, inference: number, turns: number): Promise<number[]> {
  const runners = await Promise.all(recordings.map((events) => startRunner({ ...task, events })))
  for (const runner of runners) await warmUp(runner, inference)
  const inferences = Math.max(1, Math.round(TURN / (await run(runners[0]!, inference))))
  const times: number[][] = runners.map(() => [])
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, runner] of runners.entries())
      times[i]!.push((await run(runner, inferences * inference)) / inferences)
  }
  for (const runner of runners) runner.kill()
  return times.map(quickerHalf)
}

async function warmUp(runner: ChildProcess, cycles: number): Promise<void> {
  for (let seconds = 0; seconds < WARM_UP; ) seconds += await run(runner, cycles)
}

async function startRunner(task: RunTask): Promise<ChildProcess> {
  const runner = fork(new URL('./timed-run.ts', import.meta.url), { serialization: 'advanced' })
  runner.send(task)
  await once(runner, 'message')
  return runner
}

/** Processor time that so many further cycles take. */
async function run(runner: ChildProcess, cycles: number): Promise<number> {
  runner.send(cycles)
  return (await once(runner, 'message'))[0]
}

/** From one begin of the marked region to the next. */
async function cyclesOfInference(elf: Uint8Array, soc: SocDescription): Promise<number> {
  const begins: number[] = []
  const probe = {
    device: ({ region, offset, at }: DeviceAccess) => region === 'markers' && offset === 0 && begins.push(at),
  }
  const machine = new Machine(soc, { accelerators: await acceleratorFactories(soc), probes: [probe] })
  machine.load(await loadElf(elf, 'network'))
  while (begins.length < 3) machine.run({ maxCycles: machine.hart.cycles + 10_000 })
  return begins[2]! - begins[1]!
}

/** Mean of the lower half. */
function quickerHalf(times: readonly number[]): number {
  const half = [...times].sort((a, b) => a - b).slice(0, Math.ceil(times.length / 2))
  return half.reduce((sum, time) => sum + time, 0) / half.length
}
