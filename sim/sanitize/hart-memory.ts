/**
 * Loads and stores of the hart: races with the accelerator, and bytes that nobody has written. A function that returns
 * counts as one that stores garbage over its stack.
 */
import type { Decoder } from '../cpu/decoder.ts'
import { ACCESS_BYTES, ACCESS_LOAD, ACCESS_STORE, type InstructionLog } from '../probe/instruction-log.ts'
import { FETCH, HART_LOAD, HART_STORE, HOST, NEVER } from './access-records.ts'
import type { Findings } from './findings.ts'
import type { HartCode, Range } from './hart-code.ts'
import type { Memories, ShadowPlace } from './memories.ts'
import type { Places } from './places.ts'
import type { HartSite, RingOrder } from './ring-order.ts'
import { byteText, type Surroundings } from './surroundings.ts'
import { type UnwrittenLoad, UnwrittenValues } from './unwritten.ts'

/** Instructions whose latest record is at hand, loads and stores. */
const KEPT_RECORDS = 1 << 17

/** What the hart does to memory at a site. */
interface HartDeed extends HartSite {
  readonly does: 'load' | 'store' | 'return'
}

export class HartMemory {
  private readonly findings: Findings
  private readonly places: Places
  private readonly memories: Memories
  private readonly order: RingOrder | undefined
  private readonly code: HartCode
  private readonly byteText: (address: number) => string
  /** Values that nobody has written, on their way through registers. */
  readonly values: UnwrittenValues
  /** The latest record of instructions, by some bits of their address. */
  private readonly latest = new Int32Array(KEPT_RECORDS)
  private readonly ownClock: Int32Array

  constructor(surroundings: Surroundings, order: RingOrder | undefined, code: HartCode, decoder: Decoder) {
    const { findings, places, memories } = surroundings
    this.findings = findings
    this.places = places
    this.memories = memories
    this.order = order
    this.code = code
    this.byteText = (address) => byteText(surroundings, address)
    this.values = new UnwrittenValues(surroundings, decoder, (address) => code.stacks.holds(address))
    this.ownClock = order?.known ?? new Int32Array(FETCH).fill(0x7fff_ffff)
  }

  /** The memory access of entry `i`. */
  access(log: InstructionLog, i: number, caller: number): void {
    const kind = log.access[i]!
    const address = log.address[i]!
    const bytes = kind & ACCESS_BYTES
    const pc = log.pc[i]!
    if (!this.values.any) {
      const shadow = this.memories.main
      const record = this.record((kind & ACCESS_LOAD) !== 0 ? HART_LOAD : HART_STORE, pc, caller, log.began[i]!)
      const way = kind & (ACCESS_LOAD | ACCESS_STORE)
      if (way === ACCESS_LOAD && shadow.contains(address) && shadow.plainLoad(address, bytes, record, this.ownClock))
        return
      if (way === ACCESS_STORE && shadow.contains(address) && shadow.plainStore(address, bytes, record, this.ownClock))
        return
    }
    const place = this.memories.place(address)
    const site = { pc, caller, at: log.began[i]! }
    if (place === undefined) {
      if ((kind & ACCESS_STORE) !== 0) this.values.store(log.raw[i]!, bytes, undefined, site)
      return
    }
    if ((kind & ACCESS_LOAD) !== 0)
      this.values.load(log.destination[i]!, this.load(place, bytes, site, address), log.raw[i]!)
    if ((kind & ACCESS_STORE) !== 0) this.store(place, bytes, site, address, log.raw[i]!)
  }

  /** With entry `i` a function returns, or a block ends, and leaves what it had on the stack. */
  leave({ from, to }: Range, log: InstructionLog, i: number, caller: number): void {
    const shadow = this.memories.busAt(from)
    if (shadow === undefined) return
    const deed = { does: 'return', pc: log.pc[i]!, caller, at: log.began[i]! } as const
    const record = this.record(HART_STORE, deed.pc, caller, deed.at)
    this.memories.records.garbage[record] = 1
    if (shadow.plainStore(from, to - from, record, this.ownClock)) return
    const access = { record, actor: HART_STORE, clock: this.ownClock }
    shadow.write(from, to - from, access, {
      unwritten: () => {},
      conflict: (earlier, address, earlierWrote) => this.conflict(deed, address, earlier, earlierWrote),
    })
  }

  private load(place: ShadowPlace, bytes: number, site: HartSite, address: number): UnwrittenLoad | undefined {
    const record = this.record(HART_LOAD, site.pc, site.caller, site.at)
    let mask = 0
    const access = { record, actor: HART_LOAD, clock: this.ownClock }
    place.shadow.read(place.address, bytes, access, {
      unwritten: () => {
        mask = this.unwrittenMask(place, bytes)
      },
      conflict: (earlier, _at, earlierWrote) =>
        this.conflict({ ...site, does: 'load' }, address, earlier, earlierWrote),
    })
    const writer = place.shadow.writerOf(place.address)
    return mask === 0 ? undefined : { address, writer, site, bytes, mask }
  }

  /** Bytes of an access that mean nothing. What lies below the stack pointer is left to those who measure stacks. */
  private unwrittenMask({ shadow, address }: ShadowPlace, bytes: number): number {
    const { garbage } = this.memories.records
    let mask = 0
    for (let byte = 0; byte < bytes; byte++) {
      const writer = shadow.writerOf(address + byte)
      if (writer === NEVER || (garbage[writer] === 1 && this.code.stacks.isInUse(address + byte))) mask |= 1 << byte
    }
    return mask
  }

  private store(place: ShadowPlace, bytes: number, site: HartSite, address: number, raw: number): void {
    const access = {
      record: this.record(HART_STORE, site.pc, site.caller, site.at),
      actor: HART_STORE,
      clock: this.ownClock,
    }
    place.shadow.write(place.address, bytes, access, {
      unwritten: () => {},
      conflict: (earlier, _at, earlierWrote) =>
        this.conflict({ ...site, does: 'store' }, address, earlier, earlierWrote),
    })
    if (!this.values.any) return
    const mask = this.values.store(raw, bytes, address, site)
    for (let byte = 0; byte < bytes; byte++)
      if (((mask >> byte) & 1) !== 0) place.shadow.mark(place.address + byte, 1, NEVER)
  }

  private conflict(deed: HartDeed, address: number, earlier: number, earlierWrote: boolean): void {
    const { records } = this.memories
    const by = records.actor[earlier]!
    const order = this.order!
    const told = order.hartWasTold(by, records.clock[earlier]!)
    const reads = deed.does === 'load'
    // What a register read has decided about comes after it; only loads may run ahead.
    if (told && !reads) return
    const byte = this.byteText(address)
    const hart = this.places.hart(`${deed.does} by the hart`, deed)
    if (by === FETCH) {
      const fetch = { what: `fetch of command ${records.caller[earlier]}`, at: records.at[earlier]! }
      if (deed.does === 'return') {
        const message = `${hart.function ?? 'a function'} returns although the accelerator may still fetch command ${records.caller[earlier]} from its stack, at ${byte}; wait until RING_HEAD says that it was fetched`
        this.findings.add('stack-left-early', deed.at, message, fetch, hart)
      } else if (!reads) {
        const message = `${byte} belongs to a command that the doorbell has given to the accelerator; change a slot only when RING_HEAD says that it was fetched`
        this.findings.add('descriptor-changed', deed.at, message, fetch, hart)
      }
      return
    }
    const info = order.commands[records.origin[earlier]!]!
    const other = {
      ...this.places.command(info, `that ${earlierWrote ? 'writes' : 'reads'} ${byte}`),
      at: records.at[earlier]!,
    }
    if (deed.does === 'return') {
      const message = `${hart.function ?? 'a function'} returns although ${info.name} (command ${info.index}) may still ${earlierWrote ? 'write' : 'read'} ${byte} on its stack; wait for a fence of the stream first`
      this.findings.add('stack-left-early', deed.at, message, other, hart)
    } else if (told) {
      const message = `the hart has learned that ${info.name} (command ${info.index}) is done, but no fence stands before its load of ${byte}, which may run ahead; put "fence i, r" behind the read of the register`
      this.findings.add('completion-without-fence', deed.at, message, other, hart)
    } else if (reads) {
      const message = `the hart reads ${byte} without knowing that ${info.name} (command ${info.index}) has written it; wait for a fence of the stream first`
      this.findings.add('output-read-early', deed.at, message, other, hart)
    } else {
      const message = `the hart writes ${byte} without knowing that ${info.name} (command ${info.index}) is done with it; wait for a fence of the stream first`
      this.findings.add(earlierWrote ? 'output-overwritten' : 'input-changed-early', deed.at, message, other, hart)
    }
  }

  /** The record of an instruction at this moment of the hart's clock. */
  private record(actor: typeof HART_LOAD | typeof HART_STORE, pc: number, caller: number, at: number): number {
    const { records } = this.memories
    const now = this.order?.now ?? 1
    const slot = ((pc >>> 1) & (KEPT_RECORDS / 2 - 1)) * 2 + actor
    let record = this.latest[slot]!
    if (records.origin[record] !== pc || records.clock[record] !== now) {
      record = records.add(actor, now, pc, at)
      this.latest[slot] = record
    }
    records.at[record] = at
    records.caller[record] = caller
    return record
  }

  /** Nothing is known of what was written before. */
  trustEverything(): void {
    this.memories.trustEverything()
  }

  /** The host has written memory. */
  hostWrite(address: number, bytes: number): void {
    this.memories.busAt(address)?.mark(address, bytes, HOST)
  }
}
