import type { Footprint } from './overlap.ts'
import { conflict } from './overlap.ts'

/** A command as the accelerator sees it. */
export interface TokenedCommand {
  /** Index of the unit that executes it. */
  readonly unit: number
  /** Units to take one token from before starting, one bit each. */
  readonly wait: number
  /** Units to give one token to after finishing, one bit each. */
  readonly signal: number
  readonly footprint: Footprint
  /** The controller waits for everything before this command. */
  readonly barrier: boolean
}

/** Two commands that may run in either order although it matters, or a token that never comes. */
export interface TokenFault {
  readonly earlier: number
  readonly later: number
  readonly message: string
}

/**
 * Replays the tokens of a program and proves that every conflicting pair of commands is ordered, or
 * names the first that is not. Shares nothing with the pass that sets the tokens:
 *
 * 1. Match the k-th wait of every pair of units with its k-th signal.
 * 2. Build the set of all commands that surely finished before each command starts, by transitive closure.
 * 3. Look up every conflicting pair in it.
 */
export function findTokenFault(program: readonly TokenedCommand[], units: number): TokenFault | undefined {
  const before: Uint8Array[] = []
  const signals = new Map<number, number[]>()
  const taken = new Map<number, number>()
  const last = new Array<number>(units).fill(-1)
  let barrier = 0
  for (const [index, command] of program.entries()) {
    if (command.barrier) barrier = index
    const mine = new Uint8Array(program.length)
    const orderAfter = (earlier: number) => {
      mine[earlier] = 1
      for (const [i, known] of before[earlier]!.entries()) mine[i] = mine[i]! | known
    }
    mine.fill(1, 0, barrier)
    if (last[command.unit]! >= 0) orderAfter(last[command.unit]!)
    for (let from = 0; from < units; from++) {
      if (((command.wait >> from) & 1) === 0) continue
      const pair = from * units + command.unit
      const turn = taken.get(pair) ?? 0
      const giver = signals.get(pair)?.[turn]
      if (giver === undefined)
        return {
          earlier: -1,
          later: index,
          message: `waits for token ${turn} of unit ${from}, which no earlier command gives`,
        }
      taken.set(pair, turn + 1)
      orderAfter(giver)
    }
    for (let earlier = 0; earlier < index; earlier++)
      if (mine[earlier] === 0 && conflict(program[earlier]!.footprint, command.footprint))
        return { earlier, later: index, message: 'touch the same bytes and nothing orders them' }
    for (let to = 0; to < units; to++)
      if (((command.signal >> to) & 1) === 1) {
        const pair = command.unit * units + to
        signals.set(pair, [...(signals.get(pair) ?? []), index])
      }
    before.push(mine)
    last[command.unit] = index
  }
  for (const [pair, givers] of signals)
    if (givers.length !== (taken.get(pair) ?? 0))
      return { earlier: givers.at(-1)!, later: -1, message: 'gives a token that nobody takes' }
  return undefined
}
