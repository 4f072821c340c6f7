import type { Graph, Operator, Tensor, TensorId } from './graph.ts'

/** How many operators read each tensor; being an output of the graph counts as one more. */
export function useCounts(graph: Graph): readonly number[] {
  const counts = graph.tensors.map(() => 0)
  const reads = [...graph.operators.flatMap(({ inputs }) => inputs), ...graph.outputs]
  for (const id of reads) counts[id] = counts[id]! + 1
  return counts
}

/**
 * The graph with other operators (and tensors under the same ids), without the tensors that nothing refers to any
 * more; the rest keeps its order under new ids.
 */
export function withOperators(
  graph: Graph,
  operators: readonly Operator[],
  tensors: readonly Tensor[] = graph.tensors,
): Graph {
  const used = new Set<TensorId>([...graph.inputs, ...graph.outputs])
  for (const { inputs, outputs } of operators) for (const id of [...inputs, ...outputs]) used.add(id)
  const kept = tensors.filter(({ id }) => used.has(id))
  const idOf = new Map(kept.map((tensor, id) => [tensor.id, id]))
  const renumbered = (ids: readonly TensorId[]) => ids.map((id) => idOf.get(id)!)
  return {
    name: graph.name,
    tensors: kept.map((tensor, id) => ({ ...tensor, id })),
    operators: operators.map((op) => ({ ...op, inputs: renumbered(op.inputs), outputs: renumbered(op.outputs) })),
    inputs: renumbered(graph.inputs),
    outputs: renumbered(graph.outputs),
  }
}
