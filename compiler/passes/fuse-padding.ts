import { type Graph, type Operator, perTensor, tensorOf } from '../ir/graph.ts'
import { useCounts, withOperators } from '../ir/rewrite.ts'
import { operatorMismatch } from './verify-graph.ts'

/**
 * Moves a PAD into the convolution after it, which pads with the zero point anyway:
 * 1. find one that a convolution alone reads,
 * 2. that pads rows and columns only, with the zero point,
 * 3. let the convolution read the unpadded input and add the rows and columns to its own padding.
 */
export function fusePadding(graph: Graph): Graph {
  const uses = useCounts(graph)
  const fusedPads = new Set<Operator>()
  const operators = graph.operators.map((operator) => {
    const pad = graph.operators.find(({ outputs }) => outputs[0] === operator.inputs[0])
    if (pad?.kind !== 'pad' || uses[operator.inputs[0]!] !== 1) return operator
    const fused = fuse(graph, pad, operator)
    if (fused !== undefined) fusedPads.add(pad)
    return fused ?? operator
  })
  return withOperators(
    graph,
    operators.filter((operator) => !fusedPads.has(operator)),
  )
}

function fuse(graph: Graph, pad: Operator<'pad'>, operator: Operator): Operator | undefined {
  if (operator.kind !== 'conv2d' && operator.kind !== 'depthwiseConv2d') return undefined
  const { before, after, value } = pad.attributes
  const imageOnly = before.length === 4 && [before[0], after[0], before[3], after[3]].every((count) => count === 0)
  if (!imageOnly || value !== perTensor(tensorOf(graph, pad.inputs[0]!))?.zeroPoint) return undefined
  const { top, bottom, left, right } = operator.attributes.padding
  const padding = {
    top: top + before[1]!,
    bottom: bottom + after[1]!,
    left: left + before[2]!,
    right: right + after[2]!,
  }
  const fused = {
    ...operator,
    attributes: { ...operator.attributes, padding },
    inputs: operator.inputs.with(0, pad.inputs[0]!),
  }
  // Padding as large as the window has no place in a convolution; such a PAD stays.
  return operatorMismatch(graph, fused) === undefined ? fused : undefined
}
