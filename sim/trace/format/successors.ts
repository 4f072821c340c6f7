const NONE = 0
/** Keys are whole numbers from 0 on. */
const NO_KEY = -1

/** Above any key. */
const PLACE_FACTOR = 2 ** 32

/**
 * What came behind each event the last time, and how much later. Most events are known by themselves; others come in many
 * places, as tokens do, and are known by what came before them too.
 */
export class Successors {
  /** Places of the events by their keys, or by that and the place before; the first stands for events that are not predicted. */
  private readonly places = new Map<number, number>()
  private readonly keys: number[] = [NO_KEY]
  /** By the place of the event before: the place of what came next, cycles and instructions between. */
  private readonly next: number[] = [NONE]
  private readonly later: number[] = [0]
  private readonly instructions: number[] = [0]
  /** Place of the last event. */
  private place = NONE

  clear(): void {
    this.places.clear()
    for (const column of [this.keys, this.next, this.later, this.instructions]) column.length = 1
    this.place = NONE
  }

  /** Whether this event is what came next the last time; then it is the last event from now on. */
  follows(key: number, later: number, instructions: number): boolean {
    const { place } = this
    const next = this.next[place]!
    if (this.keys[next] !== key || this.later[place] !== later || this.instructions[place] !== instructions)
      return false
    this.place = next
    return true
  }

  /**
   * Another event came, or at another time: the last event from now on.
   *
   * @param chained whether it is another event when it comes behind another one
   */
  learn(key: number, chained: boolean, later: number, instructions: number): void {
    const { place } = this
    const identity = chained ? place * PLACE_FACTOR + key : -1 - key
    const next = this.places.get(identity) ?? this.add(identity, key)
    if (place !== NONE) {
      this.next[place] = next
      this.later[place] = later
      this.instructions[place] = instructions
    }
    this.place = next
  }

  /** The last event is one that predicts nothing. */
  forgetPlace(): void {
    this.place = NONE
  }

  private add(identity: number, key: number): number {
    const place = this.keys.push(key) - 1
    this.places.set(identity, place)
    this.next.push(NONE)
    this.later.push(0)
    this.instructions.push(0)
    return place
  }
}
