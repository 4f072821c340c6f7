import type { Bus } from '../bus/bus.ts'
import type { AccessSize } from '../bus/device.ts'
import { LINE_WATCHED, Memory } from '../bus/memory.ts'
import type { Hart } from '../cpu/hart.ts'
import type { ElfImage } from '../elf/image.ts'
import type { Probes } from './probes.ts'

const MOST_BYTES = 4

/** Lets probes hear of stores to the memory that they watch. Whole blocks that DMA or the host copy are none. */
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
        if (length > MOST_BYTES) return
        const size = length as AccessSize
        probes.tell('stored', { at: hart.cycles, address, size, value: device.read(address - device.base, size)! })
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
