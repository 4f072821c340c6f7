/**
 * Collects what the guest writes, byte by byte, and hands it on line by line. When a run is taken back and repeated,
 * what was handed on before is not handed on again.
 */
export class Console {
  /** Everything that was flushed. */
  text = ''
  private pending: number[] = []
  /** Bytes flushed up to the present time of the run, and by the run that came furthest. */
  private flushed = 0
  private delivered = 0
  /** Flushed bytes that `text` does not show yet: they begin a character. */
  private beginning: Uint8Array = new Uint8Array(0)
  private decoder = new TextDecoder()
  private readonly listener: ((text: string, bytes: Uint8Array) => void) | undefined

  constructor(listener: ((text: string, bytes: Uint8Array) => void) | undefined) {
    this.listener = listener
  }

  write(byte: number): void {
    this.pending.push(byte)
    if (byte === 0x0a) this.flush()
  }

  /** Hands on what is pending although its line is not complete. */
  flush(): void {
    if (this.pending.length === 0) return
    const bytes = Uint8Array.from(this.pending)
    const text = this.decoder.decode(bytes, { stream: true })
    this.pending = []
    this.text += text
    this.beginning = beginningOfCharacter(Uint8Array.of(...this.beginning, ...bytes.subarray(-4)))
    this.deliver(text, bytes)
  }

  /** From now on the run differs from what it was before: everything it writes is new. */
  diverge(): void {
    this.delivered = this.flushed
  }

  save() {
    const { text, pending, flushed, beginning } = this
    return { text, pending: [...pending], flushed, beginning }
  }

  restore({ text, pending, flushed, beginning }: ReturnType<Console['save']>): void {
    Object.assign(this, { text, pending: [...pending], flushed, beginning, decoder: new TextDecoder() })
    this.decoder.decode(beginning, { stream: true })
    // What a run of another process wrote before its snapshot is none of this listener's business.
    this.delivered = Math.max(this.delivered, flushed)
  }

  private deliver(text: string, bytes: Uint8Array): void {
    const known = Math.max(0, this.delivered - this.flushed)
    this.flushed += bytes.length
    if (known >= bytes.length) return
    this.delivered = this.flushed
    const fresh = bytes.subarray(known)
    this.listener?.(known === 0 ? text : new TextDecoder().decode(fresh), fresh)
  }
}

/** The bytes at the end that begin a character of UTF-8 without completing it. */
function beginningOfCharacter(bytes: Uint8Array): Uint8Array {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const lead = bytes[bytes.length - length]!
    if (lead < 0x80) break
    const complete = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0
    if (complete > 0) return complete > length ? bytes.slice(-length) : new Uint8Array(0)
  }
  return new Uint8Array(0)
}
