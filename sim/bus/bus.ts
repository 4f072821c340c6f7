import type { AccessSize, BusMaster, Device } from './device.ts'
import { Memory } from './memory.ts'

/** Where a device answers on the bus. */
export interface BusRegion {
  readonly name: string
  readonly base: number
  readonly size: number
  readonly device: Device
}

/** An access of the hart to a device. */
export interface RegionAccess {
  /** Name of the region. */
  readonly region: string
  readonly offset: number
  readonly size: AccessSize
  readonly write: boolean
  /** What was read or written; undefined when the device refused. */
  readonly value: number | undefined
}

/** Routes accesses by address to the device mapped there. Addresses are unsigned 32-bit numbers. */
export class Bus {
  /** True while an accelerator's DMA occupies the memory port: the hart's data accesses then cost a cycle more. */
  dmaActive = false
  /** Data accesses of the hart to memory while `dmaActive`, which a DMA can charge itself for. */
  hartAccesses = 0
  /** Called after every access to what is no memory. */
  onDeviceAccess: ((access: RegionAccess) => void) | undefined
  /** In the order they were attached; they do not overlap. */
  readonly regions: BusRegion[] = []
  /** Where the last access went: most go to the same region as the one before. */
  private last: BusRegion | undefined

  /** Adds a region; its addresses must be free. */
  attach(region: BusRegion): void {
    this.regions.push(region)
  }

  /** The region that holds all `length` bytes at `address`, or undefined. */
  find(address: number, length: number): BusRegion | undefined {
    if (this.last !== undefined && holds(this.last, address, length)) return this.last
    const region = this.regions.find((region) => holds(region, address, length))
    if (region !== undefined) this.last = region
    return region
  }

  /** The memory that holds all `length` bytes at `address`, or undefined: devices are no memory. */
  memoryAt(address: number, length: number): Memory | undefined {
    const device = this.find(address, length)?.device
    return device instanceof Memory ? device : undefined
  }

  /** Unsigned value at `address`, or undefined on a bus error. */
  read(address: number, size: AccessSize): number | undefined {
    const region = this.find(address, size)
    if (region === undefined) return undefined
    const offset = address - region.base
    const value = region.device.read(offset, size)
    if (this.onDeviceAccess !== undefined) this.hear(region, { offset, size, write: false, value })
    return value
  }

  /** False on a bus error. */
  write(address: number, size: AccessSize, value: number): boolean {
    const region = this.find(address, size)
    if (region === undefined) return false
    const offset = address - region.base
    const accepted = region.device.write(offset, size, value)
    if (this.onDeviceAccess !== undefined) {
      this.hear(region, { offset, size, write: true, value: accepted ? value : undefined })
    }
    return accepted
  }

  private hear({ name, device }: BusRegion, access: Omit<RegionAccess, 'region'>): void {
    if (!(device instanceof Memory)) this.onDeviceAccess?.({ region: name, ...access })
  }

  save() {
    return { dmaActive: this.dmaActive, hartAccesses: this.hartAccesses }
  }

  restore({ dmaActive, hartAccesses }: ReturnType<Bus['save']>): void {
    this.dmaActive = dmaActive
    this.hartAccesses = hartAccesses
  }

  /** Port for a block that masters the bus. It reaches memories only, each transfer inside one of them. */
  master(): BusMaster {
    return {
      read: (address, into) => {
        const memory = this.memoryAt(address, into.length)
        if (memory === undefined) return false
        const offset = address - memory.base
        into.set(memory.bytes.subarray(offset, offset + into.length))
        return true
      },
      write: (address, from) => {
        const memory = this.memoryAt(address, from.length)
        if (memory === undefined || memory.readOnly) return false
        memory.writeBytes(address - memory.base, from)
        return true
      },
    }
  }
}

function holds(region: BusRegion, address: number, length: number): boolean {
  return address >= region.base && address + length <= region.base + region.size
}
