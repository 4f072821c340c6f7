import type { IssuedCommand } from '../accel/listener.ts'
import { movesData, type TraceCommand } from './events.ts'

/** How many are kept: a stream that never begins again has no end of commands. */
const PLACES = 1 << 14

/** A command of the stream as it was last seen. */
export interface KnownCommand {
  /** Who it is for the accelerator: the same when the network runs again. */
  readonly issued: IssuedCommand
  /** No other command of the trace has it. */
  readonly number: number
  readonly command: TraceCommand
  /** Whether it is a transfer. */
  readonly dma: boolean
  /** The position of its layer in the watch of layers, or NO_LAYER. */
  readonly layer: number
}

/** Commands as a trace knows them, by their index in the stream; the accelerator gives the same one when it comes again. */
export class CommandBook {
  private readonly places: (KnownCommand | undefined)[] = []
  private readonly layerOf: (command: TraceCommand) => number
  private added = 0

  constructor(layerOf: (command: TraceCommand) => number) {
    this.layerOf = layerOf
  }

  of(issued: IssuedCommand): KnownCommand {
    const known = this.places[issued.index % PLACES]
    return known?.issued === issued ? known : this.add(issued)
  }

  private add(issued: IssuedCommand): KnownCommand {
    const command = traceCommand(issued)
    const known = {
      issued,
      number: this.added++,
      command,
      dma: movesData(command),
      layer: this.layerOf(command),
    }
    this.places[issued.index % PLACES] = known
    return known
  }
}

function traceCommand({ name, spec, index, address, fields, regions }: IssuedCommand): TraceCommand {
  return {
    name,
    unit: spec.unit,
    index,
    address,
    fields,
    regions: regions.map(({ memory, access, start, bytes, repeat = [] }) => ({
      memory,
      write: access === 'write',
      start,
      bytes: repeat.reduce((product, { count }) => product * count, bytes),
    })),
  }
}
