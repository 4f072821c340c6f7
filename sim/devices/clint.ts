/**
 * Core-local interruptor (SiFive CLINT, as on the `virt` machine) for one hart: software interrupt, mtime and
 * mtimecmp. mtime counts cycles of the SoC clock divided by `divider`.
 */
import type { AccessSize, Device, InterruptLine } from '../bus/device.ts'
import { type EventQueue, placeOf, type ScheduledEvent } from '../events.ts'
import type { RegisterRow } from './registers.ts'

const MSIP = 0x0
const MTIMECMP = 0x4000
const MTIME = 0xbff8
const LAST_SOFTWARE = 0x4000
const LAST_COMPARE = 0xbff8
const WORD = 2 ** 32
const MASK64 = (1n << 64n) - 1n

export const clintRegisters: readonly RegisterRow[] = [
  { offset: MSIP, name: 'msip', size: 4, access: 'rw', doc: 'Software interrupt, bit 0' },
  { offset: MTIMECMP, name: 'mtimecmp', size: 4, access: 'rw', reset: 0xffff_ffff, doc: 'Timer compare, low half' },
  {
    offset: MTIMECMP + 4,
    name: 'mtimecmph',
    size: 4,
    access: 'rw',
    reset: 0xffff_ffff,
    doc: 'Timer compare, high half',
  },
  { offset: MTIME, name: 'mtime', size: 4, access: 'rw', doc: 'Time, low half' },
  { offset: MTIME + 4, name: 'mtimeh', size: 4, access: 'rw', doc: 'Time, high half' },
]

export class Clint implements Device {
  readonly name: string
  private readonly events: EventQueue
  private readonly divider: number
  private readonly software: InterruptLine
  private readonly timer: InterruptLine
  private msip = 0
  private compare = MASK64
  /** Added to the counted time, after firmware has written mtime. */
  private offset = 0n
  private alarm: ScheduledEvent | undefined

  /** @param divider cycles for one tick of mtime */
  constructor(name: string, events: EventQueue, divider: number, software: InterruptLine, timer: InterruptLine) {
    this.name = name
    this.events = events
    this.divider = divider
    this.software = software
    this.timer = timer
  }

  /** mtime now, modulo 2^64. */
  get time(): bigint {
    return (BigInt(Math.floor(this.events.now / this.divider)) + this.offset) & MASK64
  }

  /** Whether the timer interrupt is pending or will become so at a known cycle. */
  get armed(): boolean {
    return this.alarm !== undefined || this.time >= this.compare
  }

  save() {
    const { msip, compare, offset, alarm } = this
    return { msip, compare, offset, alarm: placeOf(alarm) }
  }

  restore({ msip, compare, offset, alarm }: ReturnType<Clint['save']>): void {
    Object.assign(this, { msip, compare, offset })
    this.alarm = alarm === undefined ? undefined : this.events.resume(alarm, () => this.ring())
  }

  read(offset: number, size: AccessSize): number | undefined {
    const word = this.readWord(offset & ~3)
    if (word === undefined || (offset & (size - 1)) !== 0) return undefined
    const value = word >>> ((offset & 3) * 8)
    return size === 4 ? value : value & ((1 << (size * 8)) - 1)
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (size !== 4 || (offset & 3) !== 0 || this.readWord(offset) === undefined) return false
    const word = BigInt(value >>> 0)
    if (offset === MSIP) {
      this.msip = value & 1
      this.software.set(this.msip === 1)
    } else if (offset === MTIMECMP) this.compare = (this.compare & ~0xffff_ffffn) | word
    else if (offset === MTIMECMP + 4) this.compare = (this.compare & 0xffff_ffffn) | (word << 32n)
    else if (offset === MTIME) this.setTime((this.time & ~0xffff_ffffn) | word)
    else if (offset === MTIME + 4) this.setTime((this.time & 0xffff_ffffn) | (word << 32n))
    this.arm()
    return true
  }

  /** Word at a register; the registers of harts that do not exist read as zero. */
  private readWord(offset: number): number | undefined {
    if (offset === MSIP) return this.msip
    if (offset === MTIMECMP) return Number(this.compare & 0xffff_ffffn)
    if (offset === MTIMECMP + 4) return Number(this.compare >> 32n)
    if (offset === MTIME || offset === MTIME + 4) return this.timeWord(offset === MTIME + 4)
    return offset < LAST_SOFTWARE || offset < LAST_COMPARE ? 0 : undefined
  }

  /** A half of mtime; firmware that waits reads it all the time, so without big integers unless it has written it. */
  private timeWord(high: boolean): number {
    if (this.offset !== 0n) return Number(high ? this.time >> 32n : this.time & 0xffff_ffffn)
    const ticks = Math.floor(this.events.now / this.divider)
    return high ? Math.floor(ticks / WORD) : ticks % WORD
  }

  private setTime(time: bigint): void {
    this.offset = (this.offset + time - this.time) & MASK64
  }

  /** Sets the timer line as it is now and schedules its next rise. */
  private arm(): void {
    if (this.alarm !== undefined) this.events.cancel(this.alarm)
    this.alarm = undefined
    const ticks = this.compare - this.time
    this.timer.set(ticks <= 0n)
    if (ticks <= 0n) return
    const at = (Math.floor(this.events.now / this.divider) + Number(ticks)) * this.divider
    if (at > Number.MAX_SAFE_INTEGER) return
    this.alarm = this.events.schedule(at, () => this.ring())
  }

  private ring(): void {
    this.alarm = undefined
    this.timer.set(true)
  }
}
