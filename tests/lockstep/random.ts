/** A reproducible source of random numbers (xorshift32). */
export class Random {
  /** All that decides about the numbers to come. */
  state: number

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e37_79b1) | 1
    for (let i = 0; i < 4; i++) this.next()
  }

  /** Any 32-bit word, signed. */
  next(): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return this.state
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return (this.next() >>> 0) % limit
  }

  /** `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}
