import type { Cost, Region } from './description.ts'
import type { DecodedCommand } from './layout.ts'
import type { ErrorKind } from './ring-registers.ts'

/** Which command of a stream. */
export type CommandPlace = {
  /** Its index in the stream, counted from the last write of RING_BASE. */
  readonly index: number
  /** Where it stands in RAM. */
  readonly address: number
}

/** A command that passed all checks. */
export interface IssuedCommand extends DecodedCommand, CommandPlace {
  readonly regions: readonly Region[]
  readonly cost: Cost
}

/** Why the ring stopped. */
export interface AcceleratorError {
  readonly kind: ErrorKind
  /** Command to blame, when one is. */
  readonly index?: number
  readonly address?: number
  /** Name of the field to blame and its index in the layout. */
  readonly field?: string
  readonly fieldIndex?: number
  /** Bus address that answered with an error. */
  readonly busAddress?: number
  /** One sentence for a person. */
  readonly message: string
}

/** What an observer hears, in virtual SoC cycles. All methods are optional; none may change anything. */
export interface AcceleratorListener {
  /** The front end has read a command from its slot, which may be written again; it is not checked yet. `bytes` are those of the slot during the call. */
  fetched?(place: CommandPlace, at: number, bytes: Uint8Array): void
  /** A command entered the queue of its unit, or a fence became open. */
  queued?(command: IssuedCommand, at: number): void
  /** A unit took its tokens and began. */
  started?(command: IssuedCommand, at: number): void
  /** Its effect is visible. */
  finished?(command: IssuedCommand, at: number): void
  /** `count` tokens are now on the way from one unit to another. */
  token?(from: string, to: string, count: number, at: number): void
  fence?(sequence: number, at: number): void
  error?(error: AcceleratorError, at: number): void
  /** The block was reset: commands that waited or were under way are gone. */
  reset?(at: number): void
}
