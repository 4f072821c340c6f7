import type { AcceleratorListener, IssuedCommand } from '../accel/listener.ts'
import type { DeviceAccess, Probe, Standstill } from '../probe/probe.ts'

/** A command from its queue to its end; instants are cycles since reset. */
export interface TimedCommand {
  readonly command: IssuedCommand
  readonly queued: number
  readonly started: number
  readonly finished: number
}

const MARKER_BEGIN = 0
const MARKER_END = 4

/** Follows the accelerator and the hart's waits, at no cost to the hart's engine. A restored state begins anew. */
export class InferenceProfiler implements Probe {
  /** Commands that finished, in the order in which they did; those that no unit executes are left out. */
  commands: TimedCommand[] = []
  /** When the hart stood still. */
  waits: { readonly from: number; readonly until: number }[] = []
  /** The first region that firmware marked. */
  region: { readonly from: number; readonly until: number } | undefined
  readonly accelerator: AcceleratorListener
  private readonly markers: string | undefined
  private readonly open = new Map<IssuedCommand, { readonly queued: number; started?: number }>()
  private regionBegan: number | undefined

  /** @param markers name of the block of region markers */
  constructor(markers: string | undefined) {
    this.markers = markers
    this.accelerator = {
      queued: (command, at) => this.open.set(command, { queued: at }),
      started: (command, at) => {
        const entry = this.open.get(command)
        if (entry !== undefined) entry.started = at
      },
      finished: (command, at) => {
        const entry = this.open.get(command)
        this.open.delete(command)
        if (entry?.started === undefined) return
        this.commands.push({ command, queued: entry.queued, started: entry.started, finished: at })
      },
    }
  }

  restored(): void {
    this.commands = []
    this.waits = []
    this.region = undefined
    this.regionBegan = undefined
    this.open.clear()
  }

  standstill({ from, until }: Standstill): void {
    this.waits.push({ from, until })
  }

  device({ at, region, offset, write }: DeviceAccess): void {
    if (region !== this.markers || !write) return
    if (offset === MARKER_BEGIN) this.regionBegan ??= at
    if (offset === MARKER_END && this.regionBegan !== undefined) this.region ??= { from: this.regionBegan, until: at }
  }
}
