/** Cycles that stays in translated code must have in the mean to pay. */
const PAYING_CYCLES = 60
/** How long the interpreter goes on without translated code otherwise. */
const PAUSE_CYCLES = 16_384

/** Where translated code is left again and again soon after it was entered, the interpreter is faster without it. */
export class Stays {
  private readonly enough: number
  private count = 0
  private cycles = 0
  private pauseEnd = 0

  /** @param enough stays after which their mean length decides */
  constructor(enough: number) {
    this.enough = enough
  }

  /** Notes a stay of so many cycles that ended at cycle `now`. */
  note(cycles: number, now: number): void {
    this.count++
    this.cycles += cycles
    if (this.count < this.enough) return
    if (this.cycles < this.count * PAYING_CYCLES) this.pauseEnd = now + PAUSE_CYCLES
    this.count = 0
    this.cycles = 0
  }

  /** Cycles for which translated code is to be left alone from cycle `now` on; 0 when it is not. */
  pauseAt(now: number): number {
    const left = this.pauseEnd - now
    // More is left than was ever set when a snapshot was restored.
    return left > 0 && left <= PAUSE_CYCLES ? left : 0
  }
}
