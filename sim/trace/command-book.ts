import type { CommandPlace, IssuedCommand } from '../accel/listener.ts'
import { movesData, type TraceCommand } from './events.ts'

/** Bytes that are compared four at a time, which is quicker. */
class Words {
  readonly bytes: Uint8Array
  private readonly words: Int32Array

  constructor(bytes: Uint8Array) {
    const whole = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0
    this.bytes = bytes
    this.words = whole === 0 ? new Int32Array(0) : new Int32Array(bytes.buffer, bytes.byteOffset, whole)
  }

  equals({ bytes, words }: Words): boolean {
    if (bytes.length !== this.bytes.length || words.length !== this.words.length) return false
    for (let i = 0; i < words.length; i++) if (words[i] !== this.words[i]) return false
    for (let i = words.length * 4; i < bytes.length; i++) if (bytes[i] !== this.bytes[i]) return false
    return true
  }
}

const NONE = new Words(new Uint8Array(0))

/** A stream that never begins again has no end of commands: they are forgotten when there are so many. */
const MOST_KNOWN = 1 << 14

/** A command of the stream as it was last seen. */
export interface KnownCommand {
  readonly command: TraceCommand
  /** Whether it is a transfer. */
  readonly dma: boolean
  /** What stood in its slot, when that is known. */
  readonly slot: Words
  /** Who it is for the accelerator, while it is on the way. */
  issued: IssuedCommand | undefined
}

/**
 * Commands as a trace knows them: one that comes again with the same bytes, because the network runs again, is the same one.
 */
export class CommandBook {
  /** By the index in the stream. */
  private readonly known = new Map<number, KnownCommand>()
  /** What was fetched last, and the bytes that the accelerator reads slots into. */
  private slot = NONE
  private reading = NONE
  private fetchedIndex = -1
  private fetchedBefore: KnownCommand | undefined

  fetched({ index, address }: CommandPlace, bytes: Uint8Array): void {
    if (bytes !== this.reading.bytes) this.reading = new Words(bytes)
    const known = this.known.get(index)
    this.fetchedIndex = index
    this.fetchedBefore = known?.command.address === address && known.slot.equals(this.reading) ? known : undefined
    if (this.fetchedBefore === undefined) this.slot = new Words(bytes.slice())
  }

  /** A command comes up for the first time since it was fetched, if it was. */
  queued(issued: IssuedCommand): KnownCommand {
    const { fetchedBefore } = this
    const fetched = issued.index === this.fetchedIndex
    this.fetchedIndex = -1
    if (!fetched || fetchedBefore === undefined) return this.add(issued, fetched ? this.slot : NONE)
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

  private add(issued: IssuedCommand, slot: Words): KnownCommand {
    const command = traceCommand(issued)
    const known = { issued, command, dma: movesData(command), slot }
    if (this.known.size >= MOST_KNOWN) this.known.clear()
    this.known.set(command.index, known)
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
