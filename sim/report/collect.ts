/** Follows a run for a report. */
import type { IssuedCommand } from '../accel/listener.ts'
import type { Probe } from '../probe/probe.ts'
import { CallStack, type CodePlace } from './call-stack.ts'
import { ScratchpadUse } from './scratchpad-use.ts'

/** A command from its queue to its end; instants are cycles since reset. */
export interface CollectedCommand {
  readonly command: IssuedCommand
  readonly queued: number
  readonly started: number
  finished: number
}

export interface CollectorOptions {
  /** The function that holds an address. */
  readonly placeOf: (pc: number) => CodePlace | undefined
  /** Sizes of the accelerator's memories, by name. */
  readonly memories: Readonly<Record<string, number>>
  /** Position of the layer that a command of the stream belongs to; -1 for none. */
  readonly layerOf: (index: number) => number
  /** Name of the block of region markers, whose first region is the one to show. */
  readonly markers?: string | undefined
}

const MARKER_BEGIN = 0
const MARKER_END = 4

export class ReportCollector {
  readonly commands: CollectedCommand[] = []
  readonly waits: { readonly from: number; until: number }[] = []
  readonly traps: { readonly cause: number; readonly from: number; until: number }[] = []
  readonly calls: CallStack
  readonly scratchpads: readonly ScratchpadUse[]
  /** The first region that the firmware marked. */
  region: { readonly from: number; readonly until: number } | undefined
  readonly probe: Probe
  readonly layerOf: (index: number) => number
  private readonly queued = new Map<IssuedCommand, number>()
  private readonly running = new Map<IssuedCommand, CollectedCommand>()
  private regionBegan: number | undefined

  constructor({ placeOf, memories, layerOf, markers }: CollectorOptions) {
    this.layerOf = layerOf
    this.calls = new CallStack(placeOf)
    this.scratchpads = Object.entries(memories).map(([name, bytes]) => new ScratchpadUse(name, bytes))
    this.probe = {
      instructions: (log) => this.calls.follow(log),
      standstill: ({ from, until }) => {
        const last = this.waits.at(-1)
        if (last?.until === from) last.until = until
        else this.waits.push({ from, until })
        this.calls.stand(from, until)
      },
      trap: ({ at, cause }) => this.traps.push({ cause, from: at, until: at }),
      trapReturn: ({ at }) => {
        const open = this.traps.findLast(({ from, until }) => from === until)
        if (open !== undefined) open.until = at
      },
      device: ({ at, region, offset, write }) => {
        if (region !== markers || !write) return
        if (offset === MARKER_BEGIN && this.regionBegan === undefined) {
          this.regionBegan = at
          this.calls.startCounting()
        } else if (offset === MARKER_END && this.regionBegan !== undefined && this.region === undefined) {
          this.region = { from: this.regionBegan, until: at }
          this.calls.stopCounting()
        }
      },
      accelerator: {
        queued: (command, at) => this.queued.set(command, at),
        started: (command, at) => this.start(command, at),
        finished: (command, at) => this.finish(command, at, layerOf(command.index)),
      },
    }
  }

  private start(command: IssuedCommand, at: number): void {
    const entry = { command, queued: this.queued.get(command) ?? at, started: at, finished: at }
    this.queued.delete(command)
    this.running.set(command, entry)
    this.commands.push(entry)
  }

  private finish(command: IssuedCommand, at: number, layer: number): void {
    const entry = this.running.get(command)
    if (entry === undefined) return
    this.running.delete(command)
    entry.finished = at
    const number = this.commands.length - this.running.size
    for (const scratchpad of this.scratchpads) scratchpad.follow(command, number, layer, entry.started, at)
  }
}
