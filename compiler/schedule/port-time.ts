/** A stretch of time in which a port is taken. */
export interface Taken {
  readonly start: number
  readonly end: number
}

/**
 * Time on a port that one transfer uses at a time. A transfer takes the free time from when it begins
 * until it has enough: what two transfers share, they take longer for together, as on the real port.
 */
export class PortTime {
  /** Ascending, without overlaps. */
  private readonly taken: Taken[] = []

  /** Takes `cycles` of free time from `from` on; gives the pieces, which `release` takes back. */
  take(from: number, cycles: number): readonly Taken[] {
    const pieces: Taken[] = []
    let at = this.taken.length
    while (at > 0 && this.taken[at - 1]!.end > from) at--
    let time = from
    for (let rest = cycles; rest > 0; at++) {
      const next = this.taken[at]
      const free = Math.min(rest, (next?.start ?? Number.POSITIVE_INFINITY) - time)
      if (free > 0) {
        const piece = { start: time, end: time + free }
        pieces.push(piece)
        this.taken.splice(at++, 0, piece)
        rest -= free
      }
      time = Math.max(time, next?.end ?? time)
    }
    return pieces
  }

  release(pieces: readonly Taken[]): void {
    for (const piece of pieces) this.taken.splice(this.taken.lastIndexOf(piece), 1)
  }
}
