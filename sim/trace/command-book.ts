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

/**
 * Commands as a trace knows them, each at a place that follows from its index in the stream; the accelerator gives the same
 * one when it comes again.
 */
export class CommandBook {
  private readonly places: (KnownCommand | undefined)[] = []
  private readonly layerOf: (command: TraceCommand) => number
  private readonly replaces: () => void
  private added = 0

  /** @param replaces is called before a place gets another command */
  constructor(layerOf: (command: TraceCommand) => number, replaces: () => void) {
    this.layerOf = layerOf
    this.replaces = replaces
  }

  placeOf(issued: IssuedCommand): number {
    const place = issued.index % PLACES
    if (this.places[place]?.issued !== issued) this.put(place, issued)
    return place
  }

  at(place: number): KnownCommand {
    return this.places[place]!
  }

  private put(place: number, issued: IssuedCommand): void {
    if (this.places[place] !== undefined) this.replaces()
    const command = traceCommand(issued)
    const [number, layer] = [this.added++, this.layerOf(command)]
    this.places[place] = { issued, number, command, dma: movesData(command), layer }
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
