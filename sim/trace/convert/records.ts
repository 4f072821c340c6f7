/** Every instruction and event as a record of its own: CSV and NDJSON. */
import { hex } from '../../hex.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceEvent } from '../events.ts'
import type { TraceReader } from '../reader.ts'
import { readSelected, type Selection, type TraceFormat } from './format.ts'

type Value = string | number | boolean | undefined | Readonly<Record<string, unknown>>
type TraceRecord = Readonly<Record<string, Value>>

/** Fields that are addresses or words: written as hexadecimal digits. */
const words = new Set(['pc', 'handler', 'cause', 'value', 'address'])

/** Calls back with every record of the selected part, in order. */
function eachRecord(trace: TraceReader, selection: Selection, give: (record: TraceRecord) => void): void {
  readSelected(trace, selection, {
    instructions: (log) => {
      for (let e = 0; e < log.count; e++) give(instruction(trace, log, e))
    },
    event: (event) => give(eventRecord(trace, event)),
  })
}

function instruction(trace: TraceReader, log: InstructionLog, e: number): TraceRecord {
  const access = log.access[e]!
  const pc = log.pc[e]!
  const place = trace.lineAt(pc)
  return {
    at: log.began[e]!,
    kind: 'commit',
    cycles: log.began[e + 1]! - log.began[e]!,
    pc: hex(pc),
    function: trace.functionAt(pc),
    ...(place && { place: `${place.file}:${place.line}` }),
    encoding: hex(log.raw[e]!),
    privilege: log.privilege[e]!,
    ...(log.destination[e] !== 0 && { register: `x${log.destination[e]}`, result: hex(log.result[e]!) }),
    ...(access !== 0 && { address: hex(log.address[e]!), size: access & ACCESS_BYTES }),
    ...((access & ACCESS_LOAD) !== 0 && { load: true }),
    ...((access & ACCESS_STORE) !== 0 && { stored: hex(log.stored[e]!) }),
  }
}

function eventRecord(trace: TraceReader, event: TraceEvent): TraceRecord {
  const { at, kind, ...rest } = event
  const fields = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined) return []
    return [[name, words.has(name) && typeof value === 'number' ? hex(value) : value] as const]
  })
  const place = 'pc' in event ? { function: trace.functionAt(event.pc) } : {}
  return { at, kind, ...Object.fromEntries(fields), ...place }
}

export const ndjson: TraceFormat = {
  name: 'ndjson',
  summary: 'one JSON object for each instruction and event',
  convert: (trace, selection, write) => {
    eachRecord(trace, selection, (record) => write(`${JSON.stringify(record)}\n`))
  },
}

const columns = [
  'at',
  'kind',
  'cycles',
  'pc',
  'function',
  'place',
  'encoding',
  'register',
  'result',
  'address',
  'size',
  'stored',
]

export const csv: TraceFormat = {
  name: 'csv',
  summary: 'one row for each instruction and event; what has no column is in the last one, as name=value',
  convert: (trace, selection, write) => {
    write(`${[...columns, 'more'].join(',')}\n`)
    eachRecord(trace, selection, (record) => {
      const more = Object.entries(record).filter(([name]) => !columns.includes(name))
      const cells = [
        ...columns.map((name) => text(record[name])),
        more.map(([name, v]) => `${name}=${text(v)}`).join(' '),
      ]
      write(`${cells.map(quote).join(',')}\n`)
    })
  },
}

const text = (value: Value) => (typeof value === 'object' ? JSON.stringify(value) : String(value ?? ''))

/** RFC 4180. */
const quote = (cell: string) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
