import type { AccessSize, Device } from '../bus/device.ts'

/** Distance of two memories in the window; at least the largest memory. */
export const WINDOW_STRIDE = 4 * 1024 * 1024

/** The scratchpads as the bus sees them: memory i at i * WINDOW_STRIDE, any access size. */
export class ScratchpadWindow implements Device {
  readonly name: string
  private readonly views: readonly DataView[]

  constructor(name: string, memories: readonly Int8Array[]) {
    this.name = name
    this.views = memories.map((memory) => new DataView(memory.buffer, memory.byteOffset, memory.length))
  }

  read(offset: number, size: AccessSize): number | undefined {
    const place = this.find(offset, size)
    if (place === undefined) return undefined
    const { view, at } = place
    return size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : view.getUint32(at, true)
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    const place = this.find(offset, size)
    if (place === undefined) return false
    const { view, at } = place
    if (size === 1) view.setUint8(at, value)
    else if (size === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    return true
  }

  private find(offset: number, size: AccessSize): { view: DataView; at: number } | undefined {
    const view = this.views[Math.floor(offset / WINDOW_STRIDE)]
    const at = offset % WINDOW_STRIDE
    return view === undefined || at + size > view.byteLength ? undefined : { view, at }
  }
}
