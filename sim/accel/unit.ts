import type { ScheduledEvent } from '../events.ts'
import type { IssuedCommand } from './listener.ts'
import type { Transfer } from './shared-port.ts'

/** The command that a unit executes, and what it waits for: its own work, then the RAM port. */
export interface RunningCommand {
  readonly command: IssuedCommand
  readonly began: number
  timer?: ScheduledEvent | undefined
  transfer?: Transfer | undefined
  /** Cycle since which it has wanted the port. */
  wanted: number
}

/** More tokens than this between two units cannot be counted by the hardware. */
export const TOKEN_LIMIT = 255

/** State of one unit: a queue, the command it executes, and the tokens that others gave it. */
export class Unit {
  readonly name: string
  readonly index: number
  readonly queue: IssuedCommand[] = []
  /** Performance counters in SoC cycles. */
  readonly counters = { busy: 0, waitToken: 0, waitBus: 0 }
  /** Tokens ready to take, by the index of the unit that gave them. */
  readonly tokens: number[]
  running: RunningCommand | undefined
  /** Stopped at an error; executes nothing until a reset. */
  halted = false
  /** Broken: neither ends nor begins a command. For fault injection. */
  stuck = false
  /** Commands accepted and completed since reset; a fence compares them. */
  accepted = 0
  completed = 0
  /** Cycle since which the first command of the queue could have started if its tokens had been there. */
  readySince = 0

  constructor(name: string, index: number, units: number) {
    this.name = name
    this.index = index
    this.tokens = new Array(units).fill(0)
  }

  get idle(): boolean {
    return this.running === undefined && this.queue.length === 0
  }

  /** Units whose token the first command of the queue lacks. */
  missingTokens(): number[] {
    return unitsOf(this.queue[0]?.fields.wait ?? 0).filter((from) => this.tokens[from] === 0)
  }

  reset(): void {
    this.queue.length = 0
    this.tokens.fill(0)
    this.running = undefined
    this.halted = false
    this.accepted = 0
    this.completed = 0
  }
}

/** Indices of the bits that are set in a mask of units. */
export function unitsOf(mask: number): number[] {
  const units: number[] = []
  for (let unit = 0; mask >> unit !== 0; unit++) if (((mask >> unit) & 1) !== 0) units.push(unit)
  return units
}
