/**
 * `npm run bench:trace`: what recording costs, in processor time. Full recordings on C workloads; recordings of events only on
 * networks, for which the shared models are used where they are (`digits` is always there).
 *
 * `--json` prints one JSON object, `--repeats N` measures recordings N times, `--turns N` runs each kind of network N times, a thirtieth of a second each;
 * names as arguments choose workloads and networks. All of it takes ten minutes.
 */
import { parseArgs } from 'node:util'
import { digitsModel, sharedModel } from '../../tests/end-to-end/shared-models.ts'
import { workloads } from '../cpu/workloads.ts'
import { type EventCostRow, measureEvents } from './event-costs.ts'
import { measureRecording, type RecordingRow } from './recordings.ts'

/** Networks and what runs them. */
const inferences = [
  ['digits', 'cnn'],
  ['kws_dscnn', 'cnn'],
  ['ic_resnet8', 'cnn'],
  ['vww_mobilenet_v1', 'cnn'],
  ['kws_dscnn', 'none'],
  ['ic_resnet8', 'none'],
] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    repeats: { type: 'string', default: '3' },
    turns: { type: 'string', default: '60' },
  },
})
const chosen = (name: string) => positionals.length === 0 || positionals.includes(name)
const print = (cells: readonly string[]) => {
  const line = cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(18))).join('')
  if (values.json !== true) console.log(line)
}
const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`

const recordings: RecordingRow[] = []
print(['workload', 'recorded (MIPS)', 'followed (MIPS)', 'bytes/instr.'])
for (const workload of workloads.filter(({ name }) => chosen(name))) {
  const row = await measureRecording(workload, Number(values.repeats))
  recordings.push(row)
  print([row.workload, row.recorded.toFixed(1), row.followed.toFixed(1), row.bytesPerInstruction.toFixed(4)])
}

const events: EventCostRow[] = []
print([])
print(['network', 'ms per inference', 'accelerator events', 'all events'])
for (const [network, accelerator] of inferences.filter(([name]) => chosen(name))) {
  const model = network === 'digits' ? digitsModel() : sharedModel(network)
  if (model === undefined) continue
  const row = await measureEvents(model, accelerator, Number(values.repeats), Number(values.turns))
  events.push(row)
  const name = `${network} ${accelerator}`
  print([name, row.milliseconds.toFixed(2), percent(row.acceleratorEvents), percent(row.allEvents)])
}
if (values.json === true) console.log(JSON.stringify({ recordings, events }))
