import { UserError } from '../diagnostic.ts'
import { EventQueue } from '../events.ts'
import type { AcceleratorDescription, ParameterTable, ParameterValues } from './description.ts'
import type { IssuedCommand } from './listener.ts'
import { Sequencer } from './sequencer.ts'

/** When one command went through its stages, in SoC cycles from the doorbell; a fence starts when it is queued. */
interface PredictedCommand {
  readonly command: IssuedCommand
  readonly queued: number
  readonly started: number
  readonly finished: number
}

export interface PredictedTimeline {
  /** In the order of the stream. */
  readonly commands: readonly PredictedCommand[]
  /** Cycle at which the last command finished. */
  readonly cycles: number
  /** Cycles in which each unit worked, by its name. */
  readonly busy: Readonly<Record<string, number>>
}

/**
 * Times of a whole command stream that is submitted at once, by the sequencer of the simulator itself
 * with effects off. Exact as long as nobody else uses the RAM port.
 *
 * @throws UserError `stream` when a command is illegal or waits for a token that never comes
 */
export function predictTimeline<P extends ParameterTable>(
  description: AcceleratorDescription<P>,
  parameters: ParameterValues<P>,
  stream: Uint8Array,
): PredictedTimeline {
  const events = new EventQueue()
  const times = new Map<IssuedCommand, { queued: number; started: number; finished: number }>()
  const sequencer = new Sequencer(
    description,
    parameters,
    events,
    {
      fetch(address, into) {
        into.set(stream.subarray(address, address + into.length))
        return true
      },
      execute: () => undefined,
      fence: () => undefined,
      stopped: () => undefined,
    },
    {
      queued: (command, at) => times.set(command, { queued: at, started: at, finished: at }),
      started: (command, at) => (times.get(command)!.started = at),
      finished: (command, at) => (times.get(command)!.finished = at),
    },
  )
  const count = stream.length / description.frontEnd.bytesPerCommand
  sequencer.open(0, count)
  sequencer.submit(count)
  sequencer.enable(true)
  while (events.next < Number.POSITIVE_INFINITY) events.advanceTo(events.next)
  const stuck = sequencer.waitingFor()
  if (stuck !== undefined)
    throw new UserError('stream', `the command stream does not run to its end: ${stuck}`, 'this is a bug of its author')
  const commands = [...times]
    .map(([command, at]) => ({ command, ...at }))
    .sort((a, b) => a.command.index - b.command.index)
  return {
    commands,
    cycles: Math.max(0, ...commands.map(({ finished }) => finished)),
    busy: Object.fromEntries(sequencer.units.map(({ name, counters }) => [name, counters.busy])),
  }
}
