import { type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'

/** Least common multiple of 1 to 8: with it, shares of up to eight users are whole numbers. */
const WORK_PER_CYCLE = 840
const MAX_USERS = 8

/** A transfer under way; its owner keeps it to save it. */
export interface Transfer {
  remaining: number
  done: () => void
}

/** How the port and the hart get in each other's way. */
export interface PortContention {
  /** Set while transfers hold the port; the hart then waits one more cycle for each access. */
  dmaActive: boolean
  /** Accesses that the hart has made so far; each takes one cycle of the port from the transfers. */
  readonly hartAccesses: number
}

/**
 * A port that several users share evenly: with n active transfers each moves at 1/n of the port's
 * speed. That is what word-by-word round robin amounts to, without an event per word. All arithmetic is
 * in whole numbers; a transfer ends at the cycle boundary at or after its last share, and what would be
 * left of that cycle is lost. What the
 * hart took is found out when a transfer should have ended, which then goes on for that long.
 */
export class SharedPort {
  private readonly events: EventQueue
  private readonly contention: PortContention
  /** In the order in which they began, which is also the order in which ties end. */
  private transfers: Transfer[] = []
  /** Cycle up to which progress is accounted for, and the hart's accesses until then. */
  private since = 0
  private accesses = 0
  private nextEnd: ScheduledEvent | undefined

  constructor(events: EventQueue, contention: PortContention = { dmaActive: false, hartAccesses: 0 }) {
    this.events = events
    this.contention = contention
  }

  /** Number of transfers under way. */
  get active(): number {
    return this.transfers.length
  }

  /** Begins a transfer that takes `cycles` when alone, and calls `done` at its end. */
  begin(cycles: number, done: () => void): Transfer {
    if (this.transfers.length === MAX_USERS) throw new RangeError(`a port has at most ${MAX_USERS} users`)
    this.settle()
    const transfer = { remaining: cycles * WORK_PER_CYCLE, done }
    this.transfers.push(transfer)
    this.scheduleEnd()
    return transfer
  }

  save() {
    const { since, accesses, transfers, nextEnd } = this
    return { since, accesses, remaining: transfers.map(({ remaining }) => remaining), nextEnd: placeOf(nextEnd) }
  }

  /** Restores the transfers; whoever began one then takes it over with `resume`. */
  restore({ since, accesses, remaining, nextEnd }: ReturnType<SharedPort['save']>): void {
    this.since = since
    this.accesses = accesses
    this.transfers = remaining.map((remaining) => ({ remaining, done: () => {} }))
    this.nextEnd = nextEnd && this.events.resume(nextEnd, () => this.end())
  }

  /** Which transfer this is, as data to save. */
  placeOf(transfer: Transfer | undefined): number | undefined {
    return transfer && this.transfers.indexOf(transfer)
  }

  /** Takes over a restored transfer. */
  resume(place: number, done: () => void): Transfer {
    const transfer = this.transfers[place]!
    transfer.done = done
    return transfer
  }

  /** Forgets all transfers. */
  reset(): void {
    this.transfers = []
    this.scheduleEnd()
  }

  /** Accounts for the progress up to now. `since` lies ahead when the hart took more cycles than have passed. */
  private settle(): void {
    const { now } = this.events
    const taken = this.contention.hartAccesses - this.accesses
    this.accesses += taken
    this.since = this.transfers.length === 0 ? now : this.since + taken
    const elapsed = now - this.since
    if (elapsed <= 0) return
    const share = WORK_PER_CYCLE / this.transfers.length
    for (const transfer of this.transfers) transfer.remaining -= elapsed * share
    this.since = now
  }

  private scheduleEnd(): void {
    if (this.nextEnd !== undefined) this.events.cancel(this.nextEnd)
    this.nextEnd = undefined
    this.contention.dmaActive = this.transfers.length > 0
    if (this.transfers.length === 0) return
    const least = Math.min(...this.transfers.map((transfer) => transfer.remaining))
    const cycles = Math.max(0, Math.ceil((least * this.transfers.length) / WORK_PER_CYCLE))
    this.nextEnd = this.events.schedule(this.since + cycles, () => this.end())
  }

  private end(): void {
    this.nextEnd = undefined
    this.settle()
    const ended = this.transfers.filter((transfer) => transfer.remaining <= 0)
    this.transfers = this.transfers.filter((transfer) => transfer.remaining > 0)
    this.scheduleEnd()
    for (const transfer of ended) transfer.done()
  }
}
