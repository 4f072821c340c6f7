import type { NetworkMap } from '../debug-info/network-map.ts'
import type { MemoryRange, WatchedStore } from '../probe/probe.ts'
import type { TraceCommand } from './events.ts'

export const NO_LAYER = -1
/** What firmware notes of a layer, `struct layer_time` of the runtime: cycles at its begin, and at its end, 8 bytes each. */
const TIMES_BYTES = 16
const END = 8

/** A layer begins or ends. */
export interface LayerEdge {
  readonly index: number
  readonly begins: boolean
}

/** Tells when layers begin and end: on the accelerator by their commands, on the hart by what firmware notes. */
export class LayerWatch {
  /** Where firmware notes the times of the layers on the hart. */
  readonly notes: readonly MemoryRange[]
  private readonly network: NetworkMap | undefined
  /** Layers that have commands; what follows is by the position of a layer herein. */
  private readonly layers: readonly { readonly index: number; readonly first: number; readonly end: number }[]
  private readonly started: Int32Array
  private readonly finished: Int32Array

  constructor(network: NetworkMap | undefined) {
    const layers = network?.layers ?? []
    this.network = network
    this.notes = layers.flatMap(({ index, target }) => {
      return target === 'cpu' ? [{ address: network!.times + TIMES_BYTES * index, bytes: TIMES_BYTES }] : []
    })
    this.layers = layers.flatMap(({ index, commands }) => (commands ? [{ index, ...commands }] : []))
    this.started = new Int32Array(this.layers.length)
    this.finished = new Int32Array(this.layers.length)
  }

  /** The position of the layer that a command is of, or NO_LAYER. */
  positionOf({ index, address }: TraceCommand): number {
    const stream = this.network?.stream
    if (stream === undefined || address < stream.address || address >= stream.address + stream.bytes) return NO_LAYER
    return this.layers.findIndex(({ first, end }) => index >= first && index < end)
  }

  /** The stream begins, whatever became of the one before. */
  streamBegins(): void {
    this.started.fill(0)
    this.finished.fill(0)
  }

  /** A command of the layer at this position starts. @returns the layer's index when it begins, or NO_LAYER */
  starts(position: number): number {
    return ++this.started[position]! === 1 ? this.layers[position]!.index : NO_LAYER
  }

  /** A command of the layer at this position has finished. @returns the layer's index when it ends, or NO_LAYER */
  finishes(position: number): number {
    const { index, first, end } = this.layers[position]!
    return ++this.finished[position]! === end - first ? index : NO_LAYER
  }

  /**
   * What the firmware tells by storing a word. Times are stored half by half; the lower half counts. It is zero only when
   * start-up code clears it, and once in 2^32 cycles.
   */
  noted({ address, size, value }: WatchedStore): LayerEdge | undefined {
    if (size !== 4 || value === 0 || this.network === undefined) return undefined
    const offset = address - this.network.times
    const [index, field] = [Math.floor(offset / TIMES_BYTES), offset % TIMES_BYTES]
    if (this.network.layers[index]?.target !== 'cpu' || (field !== 0 && field !== END)) return undefined
    return { index, begins: field === 0 }
  }
}
