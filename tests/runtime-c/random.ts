/** Gives a whole number in low..high, both included. */
type Source = (low: number, high: number) => number

/** Deterministic random numbers for test cases, made of a seed or drawn elsewhere. */
export class Random {
  /** A whole number in low..high, both included. */
  readonly int: Source

  constructor(from: number | Source) {
    this.int = typeof from === 'number' ? mulberry32(from) : from
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

/** Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): Source {
  let state = seed
  return (low, high) => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    const unit = ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
    return low + Math.floor(unit * (high - low + 1))
  }
}
