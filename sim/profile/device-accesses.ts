import type { RegisterRow } from '../devices/registers.ts'
import type { DeviceAccess } from '../probe/probe.ts'

/** Accesses of the hart to one register of a device. */
export interface RegisterAccesses {
  readonly device: string
  /** Its name, or its offset where the device has none; `memory` for a device that has no registers at all. */
  readonly register: string
  readonly reads: number
  readonly writes: number
}

/** Registers of the devices, by the name of their region on the bus. */
export type DeviceRegisters = Readonly<
  Record<string, readonly Pick<RegisterRow, 'name' | 'offset' | 'size' | 'array'>[]>
>

/** Counts accesses to devices by register. */
export class DeviceAccesses {
  private readonly registers: DeviceRegisters
  private readonly counts = new Map<string, { device: string; register: string; reads: number; writes: number }>()

  constructor(registers: DeviceRegisters) {
    this.registers = registers
  }

  count({ region, offset, write }: DeviceAccess): void {
    const register = this.nameOf(region, offset)
    const key = `${region} ${register}`
    const counts = this.counts.get(key) ?? { device: region, register, reads: 0, writes: 0 }
    this.counts.set(key, counts)
    if (write) counts.writes++
    else counts.reads++
  }

  /** Most accesses first. */
  all(): readonly RegisterAccesses[] {
    return [...this.counts.values()].sort((a, b) => b.reads + b.writes - a.reads - a.writes)
  }

  /** Registers that share an offset are not told apart: both names are given. */
  private nameOf(region: string, offset: number): string {
    const known = this.registers[region]
    if (known === undefined) return 'memory'
    const names = known.flatMap(({ name, offset: first, size, array = { count: 1, stride: size } }) => {
      const index = Math.floor((offset - first) / array.stride)
      const inside = index >= 0 && index < array.count && offset - first - index * array.stride < size
      return inside ? [array.count > 1 ? `${name}[${index}]` : name] : []
    })
    return names.length === 0 ? `0x${offset.toString(16)}` : names.join('/')
  }
}
