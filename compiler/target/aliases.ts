import type { Graph, TensorId } from '../ir/graph.ts'
import type { Layer } from './partition.ts'

/**
 * For every tensor, the one whose bytes it is: itself, or through layers that only rename, the tensor
 * that was made first.
 */
export function storageRoots(graph: Graph, layers: readonly Layer[]): readonly TensorId[] {
  const roots = graph.tensors.map(({ id }) => id)
  for (const layer of layers)
    if (layer.on === 'none') roots[layer.operators[0]!.outputs[0]!] = roots[layer.operators[0]!.inputs[0]!]!
  return roots
}
