/** Where a problem was found; every part is optional and rendered in this order. */
export interface DiagnosticPlace {
  readonly file?: string
  /** Place inside the file: an operator, a tensor, a byte offset, a line. */
  readonly at?: string
}

/**
 * A problem in what the user gave us: reported as one plain sentence, never as a stack trace.
 * Guest traps and errors of our own are different types and never pass through here.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** Stable identifier that scripts and tests match on, e.g. `elf-class`. */
  readonly code: string
  /** One sentence: the way out. */
  readonly hint: string
  readonly place: DiagnosticPlace

  /** @param message one sentence: what is wrong */
  constructor(code: string, message: string, hint: string, place: DiagnosticPlace = {}) {
    super(message)
    this.code = code
    this.hint = hint
    this.place = place
  }

  /** The single sentence a user reads. */
  render(): string {
    const place = [this.place.file, this.place.at].filter((part) => part !== undefined).join(': ')
    return `${place === '' ? '' : `${place}: `}${this.message}; ${this.hint}`
  }
}
