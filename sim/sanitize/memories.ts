import type { MemorySpec } from '../accel/description.ts'
import { WINDOW_STRIDE } from '../accel/scratchpad-window.ts'
import { AccessRecords, HOST } from './access-records.ts'
import { Shadow } from './shadow.ts'

/** A byte that the hart reaches, in the shadow of its memory. */
export interface ShadowPlace {
  readonly shadow: Shadow
  readonly address: number
}

/** Shadows of all memories: those on the bus, and those of the accelerator. */
export class Memories {
  readonly records = new AccessRecords()
  /** The first memory on the bus: where the program is. */
  readonly main: Shadow
  /** The accelerator's, by name; their addresses count from zero. */
  readonly scratchpads = new Map<string, Shadow>()
  private readonly onBus: Shadow[]
  private readonly window: { readonly base: number; readonly size: number; readonly shadows: readonly Shadow[] }

  constructor(
    buses: readonly { readonly name: string; readonly base: number; readonly size: number }[],
    specs: Readonly<Record<string, MemorySpec>>,
    window: { readonly base: number; readonly size: number } | undefined,
  ) {
    const { records } = this
    this.onBus = buses.map(({ name, base, size }) => new Shadow(name, base, size, records))
    this.main = this.onBus[0] ?? new Shadow('none', 0, 0, records)
    for (const [name, { bytes }] of Object.entries(specs))
      this.scratchpads.set(name, new Shadow(name, 0, bytes, records))
    const visible = Object.keys(specs).filter((name) => !specs[name]!.internal)
    this.window = {
      base: window?.base ?? 0,
      size: window?.size ?? 0,
      shadows: visible.map((name) => this.scratchpads.get(name)!),
    }
  }

  /** Counts every byte as written by the host. */
  trustEverything(): void {
    for (const shadow of [...this.onBus, ...this.scratchpads.values()]) shadow.mark(shadow.base, shadow.size, HOST)
  }

  /** The memory on the bus that holds an address. */
  busAt(address: number): Shadow | undefined {
    return this.onBus.find((shadow) => shadow.contains(address))
  }

  /** What a bus address of the hart means: memory, or a scratchpad behind the window. */
  place(address: number): ShadowPlace | undefined {
    const shadow = this.busAt(address)
    if (shadow !== undefined) return { shadow, address }
    const offset = address - this.window.base
    if (offset < 0 || offset >= this.window.size) return undefined
    const scratchpad = this.window.shadows[Math.floor(offset / WINDOW_STRIDE)]
    const at = offset % WINDOW_STRIDE
    return scratchpad?.contains(at) ? { shadow: scratchpad, address: at } : undefined
  }

  /** The shadow that a region of a command means. */
  regionShadow(memory: string, start: number): Shadow | undefined {
    return memory === 'ram' ? this.busAt(start) : this.scratchpads.get(memory)
  }
}
