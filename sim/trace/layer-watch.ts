import type { NetworkMap } from '../debug-info/network-map.ts'

/** Tells from the commands that start and finish when layers begin and end on the accelerator. */
export class LayerWatch {
  private readonly layers: readonly { readonly index: number; readonly first: number; readonly end: number }[]
  /** Commands of each layer that have started, and finished. */
  private readonly started = new Map<number, number>()
  private readonly finished = new Map<number, number>()

  constructor(network: NetworkMap | undefined) {
    this.layers = (network?.layers ?? []).flatMap(({ index, commands }) => (commands ? [{ index, ...commands }] : []))
  }

  /** The layer that begins when this command starts, if one does. */
  starts(command: number): number | undefined {
    const layer = this.layerOf(command)
    return layer !== undefined && this.count(this.started, layer) === 1 ? layer.index : undefined
  }

  /** The layer that ends when this command finishes, if one does. */
  finishes(command: number): number | undefined {
    const layer = this.layerOf(command)
    if (layer === undefined || this.count(this.finished, layer) < layer.end - layer.first) return undefined
    // The network may run again.
    this.started.delete(layer.index)
    this.finished.delete(layer.index)
    return layer.index
  }

  private layerOf(command: number) {
    return this.layers.find(({ first, end }) => command >= first && command < end)
  }

  private count(counts: Map<number, number>, { index }: { readonly index: number }): number {
    const count = (counts.get(index) ?? 0) + 1
    counts.set(index, count)
    return count
  }
}
