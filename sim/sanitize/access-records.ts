/** Who may touch memory, as components of vector clocks; unit u of the accelerator is `FIRST_UNIT + u`. */
export const HART_STORE = 0
export const HART_LOAD = 1
export const FETCH = 2
export const FENCE = 3
export const FIRST_UNIT = 4

/** Record of bytes that nobody has ever written, and of those that the host or a loader wrote. */
export const NEVER = 0
export const HOST = 1

/** Accesses that shadow memory points to, in columns: who, when on his own clock, and by what. */
export class AccessRecords {
  count = 2
  actor = new Uint8Array(1024)
  clock = new Int32Array(1024)
  /** Address of the hart's instruction, or number of the command. */
  origin = new Uint32Array(1024)
  /** 1 where the bytes mean nothing afterwards: nobody has written them, or the function that they were of has returned. */
  garbage = new Uint8Array(1024)
  /** Return address while the hart's instruction ran. */
  caller = new Uint32Array(1024)
  at = new Float64Array(1024)

  constructor() {
    // What the host did is before everything: no clock is below this.
    this.clock[HOST] = -1
    this.clock[NEVER] = -1
    this.garbage[NEVER] = 1
  }

  add(actor: number, clock: number, origin: number, at: number): number {
    const id = this.count++
    if (id === this.actor.length) this.grow()
    this.actor[id] = actor
    this.clock[id] = clock
    this.origin[id] = origin
    this.at[id] = at
    return id
  }

  private grow(): void {
    const length = this.actor.length * 2
    const wider = <A extends { set(from: A): void }>(to: A, from: A): A => {
      to.set(from)
      return to
    }
    this.actor = wider(new Uint8Array(length), this.actor)
    this.garbage = wider(new Uint8Array(length), this.garbage)
    this.clock = wider(new Int32Array(length), this.clock)
    this.origin = wider(new Uint32Array(length), this.origin)
    this.caller = wider(new Uint32Array(length), this.caller)
    this.at = wider(new Float64Array(length), this.at)
  }
}
