import type { CommandPlace, IssuedCommand } from '../accel/listener.ts'
import { movesData, type TraceCommand } from './events.ts'

/** A command of the stream as it was last seen. */
export interface KnownCommand {
  readonly command: TraceCommand
  /** Whether it is a transfer. */
  readonly dma: boolean
  /** What stood in its slot, when that is known. */
  readonly bytes: Uint8Array
  /** Who it is for the accelerator, while it is on the way. */
  issued: IssuedCommand | undefined
}

const NONE = new Uint8Array(0)

/**
 * Commands as a trace knows them: one that comes again with the same bytes, because the network runs again, is the same one.
 */
export class CommandBook {
  /** By the index in the stream. */
  private readonly known = new Map<number, KnownCommand>()
  /** What was fetched last. */
  private bytes = NONE
  private fetchedIndex = -1
  private fetchedBefore: KnownCommand | undefined

  fetched({ index, address }: CommandPlace, bytes: Uint8Array): void {
    const known = this.known.get(index)
    this.fetchedIndex = index
    this.fetchedBefore = known?.command.address === address && isSame(known.bytes, bytes) ? known : undefined
    if (this.fetchedBefore === undefined) this.bytes = bytes.slice()
  }

  /** A command comes up for the first time since it was fetched, if it was. */
  queued(issued: IssuedCommand): KnownCommand {
    const { fetchedBefore } = this
    const fetched = issued.index === this.fetchedIndex
    this.fetchedIndex = -1
    if (!fetched || fetchedBefore === undefined) return this.add(issued, fetched ? this.bytes : NONE)
    fetchedBefore.issued = issued
    return fetchedBefore
  }

  started(issued: IssuedCommand): KnownCommand {
    const known = this.known.get(issued.index)
    return known?.issued === issued ? known : this.add(issued, NONE)
  }

  finished(issued: IssuedCommand): KnownCommand {
    const known = this.started(issued)
    // It will not come up again: nothing keeps it any longer.
    known.issued = undefined
    return known
  }

  private add(issued: IssuedCommand, bytes: Uint8Array): KnownCommand {
    const command = traceCommand(issued)
    const known = { issued, command, dma: movesData(command), bytes }
    this.known.set(command.index, known)
    return known
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return false
  return true
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
