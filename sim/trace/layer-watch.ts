import type { NetworkMap } from '../debug-info/network-map.ts'

const NO_LAYER = -1

/** Tells from the commands that start and finish when layers begin and end on the accelerator. */
export class LayerWatch {
  /** Position in `layers` by the command's index in the stream. */
  private readonly positions: Int32Array
  private readonly layers: readonly { readonly index: number; readonly commands: number }[]
  /** Commands of each layer that have started, and finished. */
  private readonly started: Int32Array
  private readonly finished: Int32Array

  constructor(network: NetworkMap | undefined) {
    const layers = (network?.layers ?? []).flatMap(({ index, commands }) => (commands ? [{ index, ...commands }] : []))
    this.layers = layers.map(({ index, first, end }) => ({ index, commands: end - first }))
    this.positions = new Int32Array(Math.max(0, ...layers.map(({ end }) => end))).fill(NO_LAYER)
    for (const [position, { first, end }] of layers.entries()) this.positions.fill(position, first, end)
    this.started = new Int32Array(layers.length)
    this.finished = new Int32Array(layers.length)
  }

  /** The layer that begins when this command starts, if one does. */
  starts(command: number): number | undefined {
    const position = this.positions[command] ?? NO_LAYER
    if (position === NO_LAYER) return undefined
    return ++this.started[position]! === 1 ? this.layers[position]!.index : undefined
  }

  /** The layer that ends when this command finishes, if one does. */
  finishes(command: number): number | undefined {
    const position = this.positions[command] ?? NO_LAYER
    if (position === NO_LAYER) return undefined
    const { index, commands } = this.layers[position]!
    if (++this.finished[position]! < commands) return undefined
    // The network may run again.
    this.started[position] = 0
    this.finished[position] = 0
    return index
  }
}
