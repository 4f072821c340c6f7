/**
 * `npm run bench:trace`: what recording costs. Full recordings: instructions a second and bytes per instruction, on C workloads. Events only: how
 * much longer the same run takes than without a trace, on workloads and on an inference; both alternate in one process, and the
 * median of the ratios of neighbours counts, because machines change their speed.
 *
 * `--json` prints one JSON object, `--repeats N` measures N times, names as arguments choose workloads (`digits` is the inference).
 */
import { parseArgs } from 'node:util'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { acceleratorFactories } from '../../sim/cli/accelerator-factories.ts'
import { loadElf } from '../../sim/elf/load.ts'
import { Machine } from '../../sim/machine.ts'
import type { Probe } from '../../sim/probe/probe.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { type EventGroup, eventGroups } from '../../sim/trace/events.ts'
import { TraceWriter } from '../../sim/trace/writer.ts'
import { type Firmware, goldenFirmware, NETWORK } from '../../tests/sim/trace/golden.ts'
import { buildWorkload, workloads } from '../cpu/workloads.ts'

/** A tenth of the CPU benchmark's length: 30 million instructions. */
const SHORTER = 10
/** One inference takes about a millisecond of host time: too little to measure, and the ends of a file would count for most. */
const INFERENCES = 400

const allEvents = eventGroups.filter((group) => group !== 'commit' && group !== 'mem')
const accelerator: readonly EventGroup[] = ['dma', 'compute', 'token', 'layer']

interface Row {
  readonly workload: string
  readonly instructions: number
  /** Million instructions a second: followed and recorded, followed only, not followed. */
  readonly recorded?: number
  readonly followed?: number
  readonly bytesPerInstruction?: number
  /** How much longer the run takes with the events of accelerator and layers, and with all events: 0.01 is one percent. */
  readonly acceleratorOverhead: number
  readonly eventOverhead: number
}

interface Timing {
  /** Processor time of this process. */
  readonly seconds: number
  readonly instructions: number
}

/** A firmware that runs as often as it takes to be measured. */
interface Subject extends Firmware {
  readonly times: number
}

async function time({ name, elf, input, times }: Subject, probe: Probe | undefined): Promise<Timing> {
  const image = await loadElf(elf, name)
  const accelerators = await acceleratorFactories(defaultSoc)
  let instructions = 0
  let seconds = 0
  const machine = new Machine(defaultSoc, { accelerators, ...(probe && { probes: [probe] }) })
  machine.load(image)
  if (input !== undefined) machine.writeMemory(input.address, input.bytes)
  const ready = machine.save()
  for (let run = 0; run < times; run++) {
    machine.restore(ready)
    const begin = process.cpuUsage()
    const result = machine.run()
    const { user, system } = process.cpuUsage(begin)
    if (result.reason !== 'exit') throw new Error(`${name} ended with ${result.reason}: ${result.explanation}`)
    instructions += result.instructions
    seconds += (user + system) / 1e6
  }
  return { seconds, instructions }
}

async function timeRecording(subject: Subject, groups: readonly EventGroup[]): Promise<Timing & { bytes: number }> {
  let bytes = 0
  const platform = { soc: defaultSoc, isa: defaultSoc.hart.isa, cpu: defaultSoc.hart.cpu }
  const writer = new TraceWriter((piece) => (bytes += piece.length), { platform, events: new Set(groups) })
  const timing = await time(subject, writer.probe)
  const begin = process.cpuUsage()
  writer.close()
  const { user, system } = process.cpuUsage(begin)
  return { ...timing, seconds: timing.seconds + (user + system) / 1e6, bytes }
}

const mips = ({ instructions, seconds }: Timing) => instructions / seconds / 1e6
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!

async function measure(subject: Subject, repeats: number): Promise<Row> {
  const ratios: [number, number][] = []
  const recordings: (Timing & { bytes: number })[] = []
  const followings: Timing[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = await time(subject, undefined)
    const some = await timeRecording(subject, accelerator)
    const all = await timeRecording(subject, allEvents)
    const after = await time(subject, undefined)
    const plain = (before.seconds + after.seconds) / 2
    ratios.push([some.seconds / plain - 1, all.seconds / plain - 1])
    if (subject.times > 1) continue
    followings.push(await time(subject, { instructions: () => {} }))
    recordings.push(await timeRecording(subject, eventGroups))
  }
  const [{ instructions } = await time(subject, undefined)] = followings
  const full = recordings.length > 0 && {
    recorded: median(recordings.map(mips)),
    followed: median(followings.map(mips)),
    bytesPerInstruction: recordings[0]!.bytes / instructions,
  }
  const [acceleratorOverhead, eventOverhead] = [
    median(ratios.map(([some]) => some)),
    median(ratios.map(([, all]) => all)),
  ]
  return { workload: subject.name, instructions, ...full, acceleratorOverhead, eventOverhead }
}

async function subjects(names: readonly string[]): Promise<Subject[]> {
  const chosen = (name: string) => names.length === 0 || names.includes(name)
  const all: Subject[] = []
  for (const workload of workloads.filter(({ name }) => chosen(name))) {
    const rounds = Math.ceil(workload.rounds / SHORTER)
    const elf = await buildWorkload({ ...workload, rounds }, findToolchain())
    all.push({ name: workload.name, elf, times: 1 })
  }
  if (chosen(NETWORK)) all.push({ ...goldenFirmware(NETWORK), times: INFERENCES })
  return all
}

function text({ workload, recorded, followed, bytesPerInstruction, acceleratorOverhead, eventOverhead }: Row): string {
  const cells = [
    recorded?.toFixed(1) ?? '-',
    followed?.toFixed(1) ?? '-',
    bytesPerInstruction?.toFixed(4) ?? '-',
    `${(acceleratorOverhead * 100).toFixed(1)} %`,
    `${(eventOverhead * 100).toFixed(1)} %`,
  ]
  return workload.padEnd(12) + cells.map((cell) => cell.padStart(16)).join('')
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, repeats: { type: 'string', default: '3' } },
})
const rows: Row[] = []
if (values.json !== true) {
  const heads = ['recorded (MIPS)', 'followed (MIPS)', 'bytes/instr.', 'accelerator', 'all events']
  console.log('workload'.padEnd(12) + heads.map((head) => head.padStart(16)).join(''))
}
for (const subject of await subjects(positionals)) {
  const row = await measure(subject, Number(values.repeats))
  rows.push(row)
  if (values.json !== true) console.log(text(row))
}
if (values.json === true) console.log(JSON.stringify({ rows }))
