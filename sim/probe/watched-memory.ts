import type { Bus } from '../bus/bus.ts'
import { LINE_WATCHED, Memory } from '../bus/memory.ts'
import type { Hart } from '../cpu/hart.ts'
import type { ElfImage } from '../elf/image.ts'
import type { Probes } from './probes.ts'

/**
 * Lets probes hear of stores to the memory that they watch. What DMA or the host copies is heard only when it is a byte,
 * half-word or word.
 */
export class WatchedMemory {
  private readonly bus: Bus
  private readonly probes: Probes

  constructor(bus: Bus, hart: Hart, probes: Probes) {
    this.bus = bus
    this.probes = probes
    if (!probes.hears('stored')) return
    for (const { device } of bus.regions) {
      if (!(device instanceof Memory)) continue
      device.onFlaggedWrite(LINE_WATCHED, (address, length) => {
        if (length !== 1 && length !== 2 && length !== 4) return
        const value = device.read(address - device.base, length)!
        probes.tell('stored', { at: hart.cycles, address, size: length, value })
      })
    }
  }

  /** An image was loaded: watches what probes want to of it, where there is memory. */
  loaded(image: ElfImage): void {
    for (const { address, bytes } of this.probes.watches(image)) {
      this.bus.memoryAt(address, bytes)?.flag(address, bytes, LINE_WATCHED)
    }
  }
}
