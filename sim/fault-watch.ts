import type { Hart } from './cpu/hart.ts'
import { cause, causeName, type Trap } from './cpu/trap.ts'
import { hex } from './hex.ts'

/** Wrong accesses: the platform says what happened even if firmware handles the trap. */
const EXPLAINED: ReadonlySet<number> = new Set([
  cause.fetchMisaligned,
  cause.fetchFault,
  cause.loadMisaligned,
  cause.loadFault,
  cause.storeMisaligned,
  cause.storeFault,
])
const MOST_MESSAGES = 20

/** Explains wrong accesses and notices when traps lead nowhere. */
export class FaultWatch {
  /** Why the program cannot go on, once it cannot. */
  hopeless: string | undefined
  private readonly hart: Hart
  private readonly describe: (pc: number) => string | undefined
  private readonly report: (message: string) => void
  private messages = 0
  /** The exception before, in the state it was taken. */
  private previous: { readonly trap: Trap; readonly pc: number; readonly instructions: number } | undefined
  private first = ''

  /** @param describe names the function and source line of a pc */
  constructor(hart: Hart, describe: (pc: number) => string | undefined, report: (message: string) => void) {
    this.hart = hart
    this.describe = describe
    this.report = report
    hart.onException = (trap, pc) => this.exception(trap, pc)
  }

  save() {
    const { hopeless, messages, first, previous } = this
    return { hopeless, messages, first, previous: previous && { ...previous, trap: { ...previous.trap } } }
  }

  restore({ hopeless, messages, first, previous }: ReturnType<FaultWatch['save']>): void {
    Object.assign(this, { hopeless, messages, first, previous })
  }

  private exception(trap: Trap, pc: number): void {
    const explanation = this.explain(trap, pc)
    if (EXPLAINED.has(trap.cause) && this.messages < MOST_MESSAGES) {
      this.messages++
      const last = this.messages === MOST_MESSAGES ? ' (further ones are not reported)' : ''
      this.report(explanation + last)
    }
    this.judge(trap, pc, explanation)
  }

  /** No instruction of the handler has retired since the exception before: it will be so for ever. */
  private judge(trap: Trap, pc: number, explanation: string): void {
    const { hart, previous } = this
    const inHandler = previous !== undefined && previous.instructions === hart.instructions && pc === hart.pc
    if (!inHandler) {
      this.first = explanation
      this.previous = { trap, pc, instructions: hart.instructions }
      return
    }
    const handler =
      hart.pc === 0 ? 'mtvec was never set' : `its handler at ${hex(hart.pc)} traps at once (${explanation})`
    this.hopeless ??= `${this.first}; ${handler}`
  }

  private explain(trap: Trap, pc: number): string {
    const place = this.describe(pc)
    const at = `pc ${hex(pc)}${place === undefined ? '' : ` in ${place}`}`
    const nothing = [cause.loadFault, cause.storeFault, cause.fetchFault].includes(trap.cause as 1)
    const region = this.hart.bus.find(trap.value, 1)
    const denied = trap.by && (trap.by === 'PMP' ? ', which the PMP denies,' : `, which an ${trap.by} refuses,`)
    const why =
      denied ??
      (!nothing ? '' : region === undefined ? ', where nothing is mapped,' : `, which ${region.name} refuses,`)
    const value =
      trap.cause === cause.userCall || trap.cause === cause.machineCall || trap.cause === cause.breakpoint
        ? ''
        : ` (${hex(trap.value)}${why})`
    const misaligned = trap.cause === cause.loadMisaligned || trap.cause === cause.storeMisaligned
    const way = misaligned ? '; --misaligned hardware lets the hart do it' : ''
    return `${causeName(trap.cause)}${value.replace(',)', ')')} at ${at}${way}`
  }
}
