/** Seeded random numbers (xorshift32): the same programs for the same seed, everywhere. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) | 1
    for (let i = 0; i < 8; i++) this.word()
  }

  /** Any 32-bit word, signed. */
  word(): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return this.state
  }

  /** 0 to n - 1 */
  below(n: number): number {
    return (this.word() >>> 0) % n
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  chance(probability: number): boolean {
    return (this.word() >>> 0) / 2 ** 32 < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** Words as programs meet them: small, at the ends of the range, powers of two, anything. */
  value(): number {
    const kind = this.below(6)
    if (kind === 0) return this.between(-16, 16)
    if (kind === 1) return this.pick([0, -1, 1, -0x8000_0000, 0x7fff_ffff, 0xffff, -0x8000])
    if (kind === 2) return 1 << this.below(32)
    return this.word()
  }
}
