/** How soon code is translated. */
export interface Thresholds {
  /** Interpreted cycles between two samples of where execution is. */
  readonly sampleCycles: number
  /** Samples in one stretch of code before it is translated. */
  readonly samples: number
  /** Arrivals at an address from translated code before it is translated too. */
  readonly arrivals: number
  /** The same for returns: the caller, once it is entered anew, will call translated code and get control back. */
  readonly returns: number
  /** Times that an exit to unknown code is taken before its region is made anew. */
  readonly coldExits: number
  /** Stays in translated code after which their length decides whether it is left alone for a while. */
  readonly stays: number
  /** Instructions' worth of translation that is allowed before any have run. */
  readonly credit: number
}

/** Where translating pays. */
export const patient: Thresholds = {
  sampleCycles: 4096,
  samples: 4,
  arrivals: 400,
  returns: 10_000,
  coldExits: 100,
  stays: 32,
  credit: 20e6,
}

/** Nearly everything that runs twice: to test translated code. */
export const eager: Thresholds = {
  sampleCycles: 40,
  samples: 1,
  arrivals: 1,
  returns: 2,
  coldExits: 2,
  stays: Number.POSITIVE_INFINITY,
  credit: Number.POSITIVE_INFINITY,
}

/** log2 of the bytes that samples are taken together over. */
const STRETCH_SHIFT = 6
/** Addresses remembered; code that never becomes hot must not fill the host's memory. */
const MOST_ENTRIES = 1 << 14

/** Decides which code is worth translating: where the interpreter is found again and again, or is sent to again and again. */
export class Hotness {
  private readonly thresholds: Thresholds
  private readonly samples = new Map<number, number>()
  private readonly arrivals = new Map<number, number>()
  private readonly finds = new Map<number, number>()
  private readonly returns = new Map<number, number>()

  constructor(thresholds: Thresholds) {
    this.thresholds = thresholds
  }

  /** Notes that the interpreter was found at `pc` after a while; true when the code there is hot. */
  sample(pc: number): boolean {
    return count(this.samples, pc >>> STRETCH_SHIFT, this.thresholds.samples)
  }

  /** Notes that translated code was left for `pc`; true when the code there is hot. */
  arrival(pc: number): boolean {
    return count(this.arrivals, pc, this.thresholds.arrivals)
  }

  /** Notes that translated code returned to `pc`, where none is; true when the code there is hot. */
  return(pc: number): boolean {
    return count(this.returns, pc, this.thresholds.returns)
  }

  /** Notes that the code at `pc` was found hot; true when that has happened often enough for its size, in instructions. */
  again(pc: number, size: number): boolean {
    return count(this.finds, pc, Math.ceil(size / this.thresholds.samples))
  }

  forget(): void {
    this.finds.clear()
    this.returns.clear()
    this.samples.clear()
    this.arrivals.clear()
  }
}

/** Counts one more; true, and counting anew, at `enough`. */
function count(counts: Map<number, number>, address: number, enough: number): boolean {
  // Signed addresses are small integers to the host.
  const key = address | 0
  const sum = (counts.get(key) ?? 0) + 1
  if (sum >= enough) counts.delete(key)
  else {
    if (counts.size >= MOST_ENTRIES) counts.clear()
    counts.set(key, sum)
  }
  return sum >= enough
}
