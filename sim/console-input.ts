/**
 * Bytes for the guest's console: what the UART's receive line, semihosting and HTIF read. In a run that must repeat,
 * all of it is there before the guest looks; input that comes while the guest runs (a terminal) is `live`.
 */
export class ConsoleInput {
  /** All that ever came; `position` of it was taken. */
  private bytes: Uint8Array
  private position = 0
  private more: 'open' | 'live' | 'ended'
  /** The guest has looked for input that is not known yet, or stands still until there is some. */
  wanted = false
  private readonly listeners: (() => void)[] = []

  /** @param bytes what is known at the start; `ended` says whether that is all */
  constructor(bytes: Uint8Array = new Uint8Array(0), ended = true) {
    this.bytes = bytes
    this.more = ended ? 'ended' : 'open'
  }

  /** `listener` is called when bytes or the end arrive. */
  onArrival(listener: () => void): void {
    this.listeners.push(listener)
  }

  /** Bytes that can be taken now. */
  get length(): number {
    return this.bytes.length - this.position
  }

  /** Input comes when it comes, in real time. */
  get live(): boolean {
    return this.more === 'live'
  }

  /** No further bytes will come. */
  get ended(): boolean {
    return this.more === 'ended'
  }

  /** The next byte, or undefined when there is none now. */
  take(): number | undefined {
    return this.length === 0 ? undefined : this.bytes[this.position++]
  }

  push(bytes: Uint8Array): void {
    const all = new Uint8Array(this.bytes.length + bytes.length)
    all.set(this.bytes)
    all.set(bytes, this.bytes.length)
    this.bytes = all
    this.arrived()
  }

  /** That was all. */
  end(): void {
    this.more = 'ended'
    this.arrived()
  }

  /** From now on input comes when it comes: the guest does not wait for it. */
  goLive(): void {
    if (!this.ended) this.more = 'live'
    this.wanted = false
  }

  /** The guest looks for input: a run stops until the caller has said what there is. */
  look(): void {
    if (this.length === 0 && this.more === 'open') this.wanted = true
  }

  /**
   * The guest cannot go on without a byte or the end.
   *
   * @returns whether it has to wait
   */
  blocks(): boolean {
    if (this.length > 0 || this.ended) return false
    this.wanted = true
    return true
  }

  save() {
    return { position: this.position }
  }

  restore({ position }: ReturnType<ConsoleInput['save']>): void {
    this.position = Math.min(position, this.bytes.length)
    this.wanted = false
  }

  /** What has come so far, for a debugger that goes back to before more came. */
  saveArrivals() {
    return { bytes: this.bytes, more: this.more }
  }

  restoreArrivals({ bytes, more }: ReturnType<ConsoleInput['saveArrivals']>): void {
    this.bytes = bytes
    this.more = more
  }

  private arrived(): void {
    this.wanted = false
    for (const listener of this.listeners) listener()
  }
}
