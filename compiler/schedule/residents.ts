import { type TensorId, tensorOf } from '../ir/graph.ts'
import type { Layer } from '../target/partition.ts'
import type { Hardware, Resident, Target } from '../target/target.ts'
import { planArena } from './plan-arena.ts'
import type { Storage } from './program.ts'

/** A tensor that stays in a scratchpad from the layer that makes it to the last that reads it. */
export interface ResidentTensor {
  readonly root: TensorId
  readonly resident: Resident
  /** Index of the layer that makes it, and of the last that reads it. */
  readonly producer: number
  readonly last: number
  /** It has to be in RAM as well, for the CPU or because it is an output. */
  readonly needsRam: boolean
}

export interface ResidentTask {
  readonly layers: readonly Layer[]
  /** For every tensor the one whose bytes it is. */
  readonly roots: readonly TensorId[]
  readonly target: Target
  readonly hardware: Hardware
  /** Store every result to RAM as well, so that it can be looked at after the run. */
  readonly keepAll: boolean
}

/** The tensors that stay in scratchpads, each at an address of its own for its whole life. */
export class Residents {
  private readonly tensors: Map<TensorId, ResidentTensor>
  private readonly addresses = new Map<Storage, number>()

  /**
   * Every tensor that can stay does, if its makers and readers agree on a layout and there is room.
   * Addresses are planned together, so that what lives side by side leaves one piece of the scratchpad free.
   */
  constructor(task: ResidentTask) {
    this.tensors = new Map(candidates(task).map((tensor) => [tensor.root, tensor]))
    for (const [memory, { bytes }] of Object.entries(task.hardware.memories)) this.plan(memory, bytes)
  }

  get(root: TensorId): ResidentTensor | undefined {
    return this.tensors.get(root)
  }

  get all(): readonly ResidentTensor[] {
    return [...this.tensors.values()]
  }

  /** Storages that layer `index` makes, with their addresses. */
  madeBy(index: number): readonly [Storage, number][] {
    const made = this.all.filter(({ producer }) => producer === index)
    return made.map(({ resident: { location } }) => [location.storage, this.addresses.get(location.storage)!])
  }

  /** Storages that must outlive layer `index`. */
  stayingAfter(index: number): ReadonlySet<Storage> {
    return new Set(this.all.filter(({ last }) => last > index).map(({ resident }) => resident.location.storage))
  }

  /** Sends the largest tensor that is alive at layer `index` through RAM; gives it, or undefined when there is none. */
  dropLargest(index: number): ResidentTensor | undefined {
    const alive = this.all.filter(({ producer, last }) => producer <= index && index <= last)
    const [largest] = alive.sort((a, b) => b.resident.layout.bytes - a.resident.layout.bytes)
    if (largest !== undefined) this.tensors.delete(largest.root)
    return largest
  }

  private plan(memory: string, capacity: number): void {
    for (;;) {
      const here = this.all.filter(({ resident }) => resident.layout.memory === memory)
      const blocks = here.map(({ producer, last, resident: { layout, location } }) => ({
        name: location.storage.name,
        bytes: layout.bytes,
        first: producer,
        last,
      }))
      const alignment = Math.max(1, ...here.map(({ resident }) => resident.layout.alignment))
      const { offsets, bytes } = planArena(blocks, alignment)
      for (const [i, { resident }] of here.entries()) this.addresses.set(resident.location.storage, offsets[i]!)
      if (bytes <= capacity) return
      const tooHigh = here.filter((_, i) => offsets[i]! + blocks[i]!.bytes > capacity)
      const [largest] = tooHigh.sort((a, b) => b.resident.layout.bytes - a.resident.layout.bytes)
      // Alignment alone can make the plan too large.
      this.tensors.delete((largest ?? here[0]!).root)
    }
  }
}

/** Every tensor that one layer of the accelerator makes and others read, in a layout that suits all. */
function candidates({ layers, roots, target, keepAll }: ResidentTask): ResidentTensor[] {
  return layers.flatMap((producer) => {
    if (producer.on !== 'accelerator') return []
    const { graph } = producer
    const root = producer.lowering.output
    const reads = ({ operators }: Layer) => operators.some(({ inputs }) => inputs.some((id) => roots[id] === root))
    const readers = layers.filter(reads)
    const consumers = readers.filter((layer) => layer.on === 'accelerator')
    const wanted = consumers.flatMap(({ lowering: { inputs, layouts } }) =>
      layouts.inputs.filter((_, i) => roots[inputs[i]!] === root),
    )
    const all = [producer.lowering.layouts.output, ...wanted].filter((layout) => layout !== undefined)
    const layout = wanted.length > 0 && all.length === wanted.length + 1 ? target.merge(all) : undefined
    if (layout === undefined) return []
    const { memory, bytes, alignment } = layout
    const storage = { name: tensorOf(graph, root).name, memory, bytes, alignment }
    const needsRam = keepAll || readers.some(({ on }) => on === 'cpu') || graph.outputs.some((id) => roots[id] === root)
    const resident = { location: { storage, offset: 0 }, layout }
    return [{ root, resident, producer: producer.index, last: consumers.at(-1)!.index, needsRam }]
  })
}
