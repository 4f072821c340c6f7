import { type Graph, type Operator, tensorOf } from '../ir/graph.ts'
import { useCounts, withOperators } from '../ir/rewrite.ts'
import { operatorMismatch } from './verify-graph.ts'

/**
 * Moves a RELU or RELU6 into the operator before it, which clamps its result anyway:
 * 1. find one that alone reads the result of an operator without an activation,
 * 2. whose input and output have one quantisation, so that it is a clamp and nothing else,
 * 3. let that operator write the clamped result.
 */
export function fuseActivations(graph: Graph): Graph {
  const uses = useCounts(graph)
  const operators: Operator[] = []
  for (const operator of graph.operators) {
    const producer = operators.findIndex(({ outputs }) => outputs[0] === operator.inputs[0])
    const alone = uses[operator.inputs[0]!] === 1
    const fused = alone && producer >= 0 ? fuse(graph, operators[producer]!, operator) : undefined
    if (fused === undefined) operators.push(operator)
    else operators[producer] = fused
  }
  return withOperators(graph, operators)
}

function fuse(graph: Graph, producer: Operator, clamp: Operator): Operator | undefined {
  if (clamp.kind !== 'relu' && clamp.kind !== 'relu6') return undefined
  if (!('activation' in producer.attributes) || producer.attributes.activation !== 'none') return undefined
  const [from, to] = [tensorOf(graph, clamp.inputs[0]!), tensorOf(graph, clamp.outputs[0]!)]
  const sameScale = from.quantisation?.scales[0] === to.quantisation?.scales[0]
  if (!sameScale || from.quantisation?.zeroPoints[0] !== to.quantisation?.zeroPoints[0]) return undefined
  const attributes = { ...producer.attributes, activation: clamp.kind }
  const fused = { ...producer, attributes, outputs: clamp.outputs } as Operator
  return operatorMismatch(graph, fused) === undefined ? fused : undefined
}
