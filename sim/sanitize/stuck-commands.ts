import { unitsOf } from '../accel/unit.ts'
import { FENCE, FIRST_UNIT } from './access-records.ts'
import type { CommandInfo, RingOrder, TrackedCommand } from './ring-order.ts'

/** A command that waits for ever. */
interface StuckCommand {
  readonly info: CommandInfo
  /** Units of which no command would give it a token. */
  readonly lacks: readonly number[]
  /** Another command that would give it one, but waits, too. */
  readonly giver: CommandInfo | undefined
}

/**
 * The first command of each unit that lacks tokens, when no unit works and none can come: those whose tokens no command
 * would give or, where commands only wait for one another, the first of them.
 */
export function stuckCommands(order: RingOrder): readonly StuckCommand[] {
  const waiting = new Map<number, TrackedCommand>()
  for (const tracked of order.active.values()) {
    if (tracked.running) return []
    if (tracked.actor !== FENCE && !waiting.has(tracked.actor)) waiting.set(tracked.actor, tracked)
  }
  const stuck = [...waiting.values()].map(({ info, command, actor }) => {
    const to = actor - FIRST_UNIT
    const lacks = unitsOf(command.fields.wait!).filter((from) => order.tokensOf(from, to).length === 0)
    const givers = lacks.map((from) => giverOf(order, from, to))
    return { info, lacks: lacks.filter((_, at) => givers[at] === undefined), giver: givers.find(Boolean) }
  })
  // A command that lacks nothing is held up by its unit: a fault that was injected.
  const missing = stuck.filter(({ lacks }) => lacks.length > 0)
  return missing.length > 0 ? missing : stuck.filter(({ giver }) => giver !== undefined).slice(0, 1)
}

/** The first command of unit `from` that waits and would give `to` a token. */
function giverOf(order: RingOrder, from: number, to: number): CommandInfo | undefined {
  const gives = ({ actor, command }: TrackedCommand) =>
    actor === FIRST_UNIT + from && unitsOf(command.fields.signal!).includes(to)
  return [...order.active.values()].find(gives)?.info
}
