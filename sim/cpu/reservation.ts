import type { Bus } from '../bus/bus.ts'
import { LINE_RESERVED, Memory } from '../bus/memory.ts'

/** What a reservation covers: one aligned word. */
const BYTES = 4

/**
 * The reservation of lr (unprivileged ISA 20240411, section 14.2). Any write to the word breaks it, whether the hart,
 * the DMA or a debugger makes it; so do traps, mret and every sc.
 */
export class Reservation {
  private address: number | undefined
  private readonly bus: Bus

  constructor(bus: Bus) {
    this.bus = bus
    for (const { device } of bus.regions) {
      if (!(device instanceof Memory)) continue
      device.onFlaggedWrite(LINE_RESERVED, (address, length) => {
        if (this.address !== undefined && address < this.address + BYTES && this.address < address + length)
          this.clear()
      })
    }
  }

  save() {
    return { address: this.address }
  }

  restore({ address }: ReturnType<Reservation['save']>): void {
    this.clear()
    if (address !== undefined) this.take(address)
  }

  /** Reserves the word at an aligned address, instead of what was reserved before. */
  take(address: number): void {
    this.clear()
    this.address = address
    this.bus.memoryAt(address, BYTES)?.flag(address, BYTES, LINE_RESERVED)
  }

  holds(address: number): boolean {
    return this.address === address
  }

  clear(): void {
    if (this.address === undefined) return
    this.bus.memoryAt(this.address, BYTES)?.unflag(this.address, BYTES, LINE_RESERVED)
    this.address = undefined
  }
}
