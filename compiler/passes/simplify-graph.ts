import type { Graph } from '../ir/graph.ts'
import { foldConstants } from './fold-constants.ts'
import { fuseActivations } from './fuse-activations.ts'
import { fusePadding } from './fuse-padding.ts'
import { removeUnused } from './remove-unused.ts'
import { verifyGraph } from './verify-graph.ts'

/**
 * The passes that make less work of a graph before it is cut into layers. None changes a bit of the graph's outputs.
 * @param onPass called with the graph after every pass, for dumps
 */
export function simplifyGraph(graph: Graph, onPass: (pass: string, graph: Graph) => void = () => {}): Graph {
  const passes = { foldConstants, fusePadding, fuseActivations, removeUnused }
  let simplified = graph
  for (const [name, pass] of Object.entries(passes)) {
    simplified = verifyGraph(pass(simplified), name)
    onPass(name, simplified)
  }
  return simplified
}
