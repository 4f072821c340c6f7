/** What translating costs, in instructions that could be interpreted in that time: for a module, and for each instruction. */
const MODULE_COST = 400_000
const INSTRUCTION_COST = 3000
/** How much of the time that instructions take by the interpreter may go into translation. */
const SHARE = 1 / 8

/**
 * Keeps translation from taking more time than running: every instruction that has run earns the right to spend a
 * share of its time on translation. It matters to guests that make new code all the time; others never run out.
 */
export class Credit {
  private earned: number
  private latest: number

  /** @param initial credit to begin with @param instructions that have run so far */
  constructor(initial: number, instructions: number) {
    this.earned = initial
    this.latest = instructions
  }

  /** Whether anything may be translated, now that so many instructions have run. */
  allows(instructions: number): boolean {
    // The count goes back when a snapshot is restored.
    this.earned += Math.max(0, instructions - this.latest) * SHARE
    this.latest = instructions
    return this.earned > 0
  }

  /** Pays for a module of so many instructions. */
  spend(size: number): void {
    this.earned -= MODULE_COST + size * INSTRUCTION_COST
  }
}
