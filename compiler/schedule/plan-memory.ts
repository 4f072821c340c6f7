import { dtypes } from '../ir/dtype.ts'
import { elementCount, type Graph, type TensorId, tensorOf } from '../ir/graph.ts'
import type { Layer } from '../target/partition.ts'
import { type ArenaPlan, type Block, planArena } from './plan-arena.ts'
import { RAM, type Storage } from './program.ts'

/** Where every activation that needs RAM lies. */
export interface MemoryPlan {
  readonly storages: readonly Storage[]
  readonly blocks: readonly Block[]
  readonly arena: ArenaPlan
  readonly offsetOf: ReadonlyMap<Storage, number>
}

export interface MemoryTask {
  readonly graph: Graph
  readonly layers: readonly Layer[]
  readonly roots: readonly TensorId[]
  /** Storages of activations in RAM that layers on an accelerator use; others are added. */
  readonly tensors: ReadonlyMap<TensorId, Storage>
  readonly alignment: number
  /** Never use a byte twice, so that every tensor can be looked at after the run. */
  readonly keepAll: boolean
}

/** The storage in RAM for the bytes of a tensor. */
export function ramStorage(graph: Graph, root: TensorId): Storage {
  const { name, shape, dtype } = tensorOf(graph, root)
  return { name, memory: RAM, bytes: elementCount(shape) * dtypes[dtype].bytes, alignment: 1, tensor: root }
}

/**
 * Plans the arena: every activation in RAM lives from the layer that makes it to the last that reads it.
 * Layers on an accelerator overlap in time, but tokens order what conflicts in RAM, so reuse is safe
 * there; and a layer on the CPU begins when everything before has finished.
 */
export function planMemory(task: MemoryTask): MemoryPlan {
  const { graph, layers, roots, alignment, keepAll } = task
  const end = layers.length
  const lives = new Map<TensorId, { first: number; last: number }>()
  const use = (tensor: TensorId, step: number) => {
    const root = roots[tensor]!
    const needed = task.tensors.has(root) || graph.inputs.includes(root) || !onAccelerator(layers, roots, root)
    if (tensorOf(graph, root).data !== undefined || !needed) return
    const life = lives.get(root) ?? { first: step, last: step }
    lives.set(root, { first: Math.min(life.first, step), last: Math.max(life.last, step) })
  }
  for (const input of graph.inputs) use(input, 0)
  for (const layer of layers)
    if (layer.on !== 'none')
      for (const { inputs, outputs } of layer.operators) for (const id of [...inputs, ...outputs]) use(id, layer.index)
  for (const output of graph.outputs) use(output, end)
  const all = [...lives].map(([root, life]) => ({
    storage: task.tensors.get(root) ?? ramStorage(graph, root),
    ...(keepAll ? { first: 0, last: end } : life),
  }))
  const blocks = all.map(({ storage, first, last }) => ({ name: storage.name, bytes: storage.bytes, first, last }))
  const arena = planArena(blocks, alignment)
  const storages = all.map(({ storage }) => storage)
  return { storages, blocks, arena, offsetOf: new Map(storages.map((storage, i) => [storage, arena.offsets[i]!])) }
}

/** Whether only layers on the accelerator make and read a tensor, so that it is theirs to say where it lies. */
function onAccelerator(layers: readonly Layer[], roots: readonly TensorId[], root: TensorId): boolean {
  return layers.every(
    ({ on, operators }) =>
      on !== 'cpu' ||
      operators.every(({ inputs, outputs }) => [...inputs, ...outputs].every((id) => roots[id] !== root)),
  )
}
