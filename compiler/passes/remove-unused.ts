import type { Graph, Operator } from '../ir/graph.ts'
import { withOperators } from '../ir/rewrite.ts'

/** Drops the operators whose results nothing uses, from the last one backwards, and their tensors. */
export function removeUnused(graph: Graph): Graph {
  const used = new Set(graph.outputs)
  const kept: Operator[] = []
  for (const operator of graph.operators.toReversed()) {
    if (!operator.outputs.some((id) => used.has(id))) continue
    for (const id of operator.inputs) used.add(id)
    kept.unshift(operator)
  }
  return withOperators(graph, kept)
}
