/** Deterministic random numbers for test cases (mulberry32). */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** A whole number in low..high, both included. */
  int(low: number, high: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let x = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    const unit = ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
    return low + Math.floor(unit * (high - low + 1))
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.int(1, n) === 1
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!
  }

  int8(count: number, low = -128, high = 127): Int8Array {
    return Int8Array.from({ length: count }, () => this.int(low, high))
  }

  /** A float32 between 2^low and 2^(high + 1), a power of two now and then. */
  scale(low: number, high: number): number {
    const mantissa = this.once(5) ? 1 : 1 + this.int(1, 999) / 1000
    return Math.fround(mantissa * 2 ** this.int(low, high))
  }
}
