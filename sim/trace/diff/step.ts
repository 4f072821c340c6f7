/** One step of a sequence, and how it is written. */
import { csrRows } from '../../cpu/csr/rows.ts'
import { disassemble } from '../../cpu/disassemble.ts'
import { registerNames } from '../../cpu/register-names.ts'
import { hex } from '../../hex.ts'
import { ACCESS_STORE, type InstructionLog } from '../../probe/instruction-log.ts'
import type { TraceCommand, TraceEvent } from '../events.ts'

export interface TraceStep {
  readonly at: number
  readonly pc: number | undefined
  /** What happened, without its time. */
  readonly text: string
}

const csrNames = new Map<number, string>(csrRows.map(({ address, name }) => [address, name]))

export function instructionStep(log: InstructionLog, e: number): TraceStep {
  const access = log.access[e]!
  const [pc, raw] = [log.pc[e]!, log.raw[e]!]
  const parts: string[] = []
  if (log.privilege[e] === 0) parts.push('in user mode')
  if (log.destination[e] !== 0) parts.push(`${registerNames[log.destination[e]!]} = ${hex(log.result[e]!)}`)
  if ((access & ACCESS_STORE) !== 0) parts.push(`stores ${hex(log.stored[e]!)} to ${hex(log.address[e]!)}`)
  else if (access !== 0) parts.push(`loads from ${hex(log.address[e]!)}`)
  for (const { entry, csr, value } of log.controls) {
    if (entry === e) parts.push(`${csrNames.get(csr) ?? `csr ${hex(csr)}`} = ${hex(value)}`)
  }
  const instruction = `${hex(pc)} ${disassemble(raw, pc) ?? 'no instruction'} (${encoding(raw)})`
  return { at: log.began[e]!, pc, text: [instruction, ...parts].join(', ') }
}

const encoding = (raw: number) => `0x${raw.toString(16).padStart((raw & 3) === 3 ? 8 : 4, '0')}`

export function eventStep(event: TraceEvent): TraceStep {
  return { at: event.at, pc: 'pc' in event ? event.pc : undefined, text: eventText(event) }
}

function eventText(event: TraceEvent): string {
  if ('command' in event) return `${event.kind} ${commandText(event.command)}`
  if (event.kind === 'mmio') {
    const { write, region, offset, size, value } = event
    const what = value === undefined ? 'is refused' : hex(value)
    return `mmio ${write ? 'write' : 'read'} ${region}+0x${offset.toString(16)}, ${size} bytes: ${what}`
  }
  const { at: _, kind, ...rest } = event
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name} ${valueText(value)}`)].join(' ')
}

/** What it is, its fields that are not 0, and what it touches. */
function commandText({ name, unit, index, address, fields, regions }: TraceCommand): string {
  const values = Object.entries(fields).flatMap(([name, value]) => (value === 0 ? [] : `${name} ${valueText(value)}`))
  const touched = regions.map(({ memory, write, start, bytes }) => {
    return `${write ? 'writes' : 'reads'} ${bytes} bytes of ${memory} at ${hex(start)}`
  })
  return `command ${index} ${name} of ${unit} at ${hex(address)} (${values.join(', ')}): ${touched.join(', ') || 'no memory'}`
}

const valueText = (value: string | number | boolean) =>
  typeof value === 'number' && value > 0xffff ? hex(value) : String(value)
