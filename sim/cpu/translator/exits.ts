import type { LeaveReason } from './region.ts'

/** What the counters still lack at an exit. */
export interface Pending {
  readonly cycles: number
  readonly instructions: number
}

/** A place where translated code is left: what the engine needs to know goes here, and costs the code nothing. */
export interface Exit extends Pending {
  readonly reason: LeaveReason
  /** Where execution goes on; the instruction's own address for `jump` and `callee`, whose target is computed. */
  readonly pc: number
  /** Entry of the region that it leaves. */
  readonly region: number
  /** Times it was taken, as far as the engine counts. */
  taken: number
}

/**
 * Numbers the exits of all translated code. Translated functions return a guest address (even) when a jump by
 * register led there, or the odd code of an exit.
 */
export class ExitTable {
  private readonly exits: Exit[] = []

  get size(): number {
    return this.exits.length
  }

  /** Adds an exit and gives its code. */
  add(exit: Omit<Exit, 'taken'>): number {
    this.exits.push({ ...exit, taken: 0 })
    return this.exits.length * 2 - 1
  }

  /** @param code odd */
  get(code: number): Exit {
    return this.exits[code >> 1]!
  }
}
