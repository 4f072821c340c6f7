/** Collects what the guest writes, byte by byte, and hands it on line by line. */
export class Console {
  /** Everything that was flushed. */
  text = ''
  private pending: number[] = []
  private readonly decoder = new TextDecoder()
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
    this.listener?.(text, bytes)
  }
}
