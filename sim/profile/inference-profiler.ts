import type { AcceleratorListener, IssuedCommand } from '../accel/listener.ts'
import type { DeviceAccess, Probe, Standstill } from '../probe/probe.ts'
import type { TimedCommand } from './timed-command.ts'

const MARKER_BEGIN = 0
const MARKER_END = 4

/** Who wants to know when the first region that firmware marks begins and ends. */
export interface RegionListener {
  begins(at: number): void
  ends(at: number): void
}

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
  private readonly listener: RegionListener | undefined
  /** Those that a reset of the accelerator has dropped. */
  private dropped: TimedCommand[] = []
  private readonly open = new Map<IssuedCommand, { readonly queued: number; started?: number }>()
  /** The first region's number and begin. */
  private marked: { readonly id: number | undefined; readonly from: number } | undefined

  /** @param markers name of the block of region markers */
  constructor(markers: string | undefined, listener?: RegionListener) {
    this.markers = markers
    this.listener = listener
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
      reset: (at) => {
        this.dropped.push(...this.openAt(at))
        this.open.clear()
      },
    }
  }

  restored(): void {
    this.commands = []
    this.waits = []
    this.region = undefined
    this.marked = undefined
    this.dropped = []
    this.open.clear()
  }

  /** The first region that firmware marked, up to this instant when it has not ended before. */
  regionUntil(at: number): { readonly from: number; readonly until: number } | undefined {
    return this.region ?? (this.marked && { from: this.marked.from, until: at })
  }

  /** Commands that did not come to their end: dropped, or under way or in their queues at this instant, as if they ended then. */
  unfinished(at: number): TimedCommand[] {
    return [...this.dropped, ...this.openAt(at)]
  }

  private openAt(at: number): TimedCommand[] {
    return [...this.open].map(([command, { queued, started = at }]) => ({ command, queued, started, finished: at }))
  }

  standstill({ from, until }: Standstill): void {
    this.waits.push({ from, until })
  }

  device({ at, region, offset, write, value }: DeviceAccess): void {
    if (region !== this.markers || !write) return
    if (offset === MARKER_BEGIN && this.marked === undefined) {
      this.marked = { id: value, from: at }
      this.listener?.begins(at)
    } else if (offset === MARKER_END && this.marked?.id === value && this.region === undefined) {
      this.region = { from: this.marked!.from, until: at }
      this.listener?.ends(at)
    }
  }
}
