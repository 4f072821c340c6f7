/** A recorded run, told to probes as the run itself was. */
import type { AcceleratorDescription } from '../accel/description.ts'
import type { IssuedCommand } from '../accel/listener.ts'
import type { AccessSize } from '../bus/device.ts'
import { UserError } from '../diagnostic.ts'
import type { Probe } from '../probe/probe.ts'
import { Probes } from '../probe/probes.ts'
import type { TraceCommand, TraceEvent } from '../trace/events.ts'
import type { TraceReader } from '../trace/reader.ts'

export interface ReplayOptions {
  readonly trace: TraceReader
  readonly probes: readonly Probe[]
  /** The accelerator that the commands are for, when there is one. */
  readonly accelerator?:
    | { readonly description: AcceleratorDescription; readonly parameters: Readonly<Record<string, number>> }
    | undefined
}

/**
 * @returns the first cycle that the trace tells of
 * @throws UserError when the trace has commands that the accelerator has not
 */
export function replayTrace({ trace, probes, accelerator }: ReplayOptions): number {
  const listeners = new Probes(probes)
  const commands = new Map<TraceCommand, IssuedCommand>()
  const issued = (command: TraceCommand) => {
    const known = commands.get(command) ?? issuedCommand(command, accelerator)
    commands.set(command, known)
    return known
  }
  let begin = Number.POSITIVE_INFINITY
  trace.read({
    instructions: (log) => {
      if (log.count > 0) begin = Math.min(begin, log.began[0]!)
      for (const probe of probes) probe.instructions?.(log)
    },
    event: (event) => {
      begin = Math.min(begin, event.at)
      tell(listeners, event, issued)
    },
  })
  return begin
}

type Issued = (command: TraceCommand) => IssuedCommand
/** Events of one kind, also where kinds share a row. */
type EventOf<K> = TraceEvent extends infer E
  ? E extends TraceEvent
    ? K extends E['kind']
      ? E
      : never
    : never
  : never

const tellers: { readonly [K in TraceEvent['kind']]?: (probes: Probes, event: EventOf<K>, issued: Issued) => void } = {
  trap: (probes, event) => probes.tell('trap', event),
  return: (probes, event) => probes.tell('trapReturn', event),
  irq: (probes, { irq, level, at }) => probes.tell('interruptLine', irq, level, at),
  mmio: (probes, event) => probes.tell('device', { ...event, size: event.size as AccessSize }),
  uart: (probes, { byte, at }) => probes.tell('transmit', byte, at),
  idle: (probes, { at: from, until, pc }) => probes.tell('standstill', { from, until, pc, instructions: 0 }),
  queued: ({ accelerator }, { command, at }, issued) => accelerator?.queued?.(issued(command), at),
  started: ({ accelerator }, { command, at }, issued) => accelerator?.started?.(issued(command), at),
  finished: ({ accelerator }, { command, at }, issued) => accelerator?.finished?.(issued(command), at),
  token: ({ accelerator }, { from, to, count, at }) => accelerator?.token?.(from, to, count, at),
  fence: ({ accelerator }, { sequence, at }) => accelerator?.fence?.(sequence, at),
  reset: ({ accelerator }, { at }) => accelerator?.reset?.(at),
  // Which kind it was stands in the message alone.
  error: ({ accelerator }, { message, at }) => accelerator?.error?.({ kind: 'field', message }, at),
}

function tell(probes: Probes, event: TraceEvent, issued: Issued): void {
  const teller = tellers[event.kind] as ((probes: Probes, event: TraceEvent, issued: Issued) => void) | undefined
  teller?.(probes, event, issued)
}

/** The command as the accelerator had it: what it touches follows from its fields. */
function issuedCommand(
  { name, index, address, fields }: TraceCommand,
  accelerator: ReplayOptions['accelerator'],
): IssuedCommand {
  const spec = accelerator?.description.commands[name]
  if (accelerator === undefined || spec === undefined) {
    const message = `the trace has commands '${name}', which the accelerator of its SoC has not`
    throw new UserError('trace-accelerator', message, 'record it again with this version')
  }
  const { parameters } = accelerator
  return {
    name,
    spec,
    fields,
    index,
    address,
    regions: spec.touches(fields, parameters),
    cost: spec.cycles(fields, parameters),
  }
}
