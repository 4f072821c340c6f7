/** What the sanitizer reports: data first, text last. Instants are cycles of the SoC clock. */

/** A place in the source, when the firmware was built with line tables. */
interface SourceLine {
  readonly file: string
  readonly line: number
}

/** One of the two parties of a finding. */
export interface Side {
  /** A command with its index and unit, or an access of the hart. */
  readonly what: string
  /** The instruction: of an access, or the one that queued the command. */
  readonly pc?: number
  readonly function?: string
  /** Who called that function, when it is another one, and where. */
  readonly caller?: string
  readonly callerPlace?: SourceLine
  readonly place?: SourceLine
  readonly at: number
}

/** A rule of the hardware interface that the firmware broke. */
export interface Finding {
  /** One of the identifiers of `kinds.ts`. */
  readonly kind: string
  readonly at: number
  /** What happened, both sides named, and the way out. */
  readonly message: string
  readonly first?: Side
  readonly second?: Side
  /** How often it was found again between the same two places. */
  readonly times: number
}
