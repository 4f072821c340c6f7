import { type CommandProblem, type CommandRules, checkCommand } from './check-command.ts'
import type { CommandPlace, IssuedCommand } from './listener.ts'

/** Commands of slots behind these are decoded anew each time. */
const MOST_SLOTS = 1 << 14

/**
 * Commands by the slot of the ring from which they were decoded. A network that runs again has the same bytes there again:
 * what they mean is known, and as the same object, by which listeners know it again. No object is under way twice: a slot
 * has the same index again only when the stream begins anew, on an idle or reset block.
 */
export class CommandCache {
  /** Where the bytes of a command are put, to be decoded. */
  readonly bytes: Uint8Array
  private readonly words: Int32Array
  private readonly rules: CommandRules
  private readonly slots: ({ readonly words: Int32Array; readonly command: IssuedCommand } | undefined)[] = []

  constructor(rules: CommandRules) {
    this.rules = rules
    const { bytes } = rules.format
    this.words = new Int32Array(Math.ceil(bytes / 4))
    this.bytes = new Uint8Array(this.words.buffer, 0, bytes)
  }

  /** What `checkCommand` says of the bytes, which come from this slot. */
  check(slot: number, place: CommandPlace): IssuedCommand | CommandProblem {
    const known = this.slots[slot]
    if (known !== undefined && this.hasBytes(known.words)) {
      const { command } = known
      return command.index === place.index && command.address === place.address ? command : { ...command, ...place }
    }
    const command = checkCommand(this.rules, this.bytes, place)
    if ('spec' in command && slot < MOST_SLOTS) this.slots[slot] = { words: this.words.slice(), command }
    return command
  }

  private hasBytes(words: Int32Array): boolean {
    for (let i = 0; i < words.length; i++) if (words[i] !== this.words[i]) return false
    return true
  }
}
