/** A 64-bit counter that firmware can write and stop; it follows a count that never stops. */
export class Counter {
  private readonly count: () => number
  /** By how much the instruction that writes the counter advances it itself. */
  private readonly step: bigint
  /** Added to the count while running; the value itself while stopped. */
  private offset = 0n
  private running = true

  /** @param count what is counted since reset; an exact integer @param step what each instruction adds at least */
  constructor(count: () => number, step: 0 | 1) {
    this.count = count
    this.step = BigInt(step)
  }

  /** Value modulo 2^64. */
  get value(): bigint {
    return BigInt.asUintN(64, this.offset + this.sinceReset())
  }

  save() {
    return { offset: this.offset, running: this.running }
  }

  restore({ offset, running }: ReturnType<Counter['save']>): void {
    this.offset = offset
    this.running = running
  }

  setLow(word: number): void {
    this.set((this.value & ~0xffff_ffffn) | BigInt(word >>> 0))
  }

  setHigh(word: number): void {
    this.set((this.value & 0xffff_ffffn) | (BigInt(word >>> 0) << 32n))
  }

  /** Stops or continues at the present value. */
  run(running: boolean): void {
    const { value } = this
    this.running = running
    this.offset = value - this.sinceReset()
  }

  /** A write takes the place of the writing instruction's own increment (privileged ISA, section 3.1.10). */
  private set(value: bigint): void {
    this.offset = value - this.sinceReset() - (this.running ? this.step : 0n)
  }

  private sinceReset(): bigint {
    return this.running ? BigInt(this.count()) : 0n
  }
}
