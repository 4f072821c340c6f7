/**
 * A seeded source of random numbers: Marsaglia's xorshift32 with a multiplied output.
 * Integer arithmetic only, so the same seed gives the same sequence on every machine.
 */
export class Random {
  #state: number

  /** @param seed any integer but 0 */
  constructor(seed: number) {
    this.#state = seed >>> 0
    if (this.#state === 0) throw new Error('a xorshift generator cannot start from seed 0')
  }

  /** The next number in [0, 1). */
  next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return (Math.imul(this.#state, 0x9e3779b1) >>> 0) / 2 ** 32
  }

  /** A number in [-limit, limit). */
  symmetric(limit: number): number {
    return (2 * this.next() - 1) * limit
  }

  /** Shuffles an array in place (Fisher-Yates) and returns it. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1))
      const item = items[i]!
      items[i] = items[j]!
      items[j] = item
    }
    return items
  }
}
