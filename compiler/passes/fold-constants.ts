import { allocate } from '../ir/dtype.ts'
import { elementCount, type Graph, type Operator, type Tensor } from '../ir/graph.ts'
import { withOperators } from '../ir/rewrite.ts'
import { definitionOf, viewOf } from '../ops/index.ts'

/**
 * Computes operators on constants now, with the reference arithmetic that they would run with later:
 * 1. take the operators in order; one whose inputs are all constant is evaluated,
 * 2. its outputs become constants, so that what follows may fold too.
 * An output of the graph stays computed: it needs memory that is written.
 */
export function foldConstants(graph: Graph): Graph {
  const tensors = [...graph.tensors]
  const isConstant = (id: number) => tensors[id]!.data !== undefined
  const kept = graph.operators.filter((operator) => {
    const folds = operator.inputs.every(isConstant) && !operator.outputs.some((id) => graph.outputs.includes(id))
    if (folds) for (const tensor of evaluate({ ...graph, tensors }, operator)) tensors[tensor.id] = tensor
    return !folds
  })
  return withOperators(graph, kept, tensors)
}

/** The operator's outputs as constants. */
function evaluate(graph: Graph, operator: Operator): Tensor[] {
  const view = viewOf(graph, operator)
  const definition = definitionOf(operator.kind)
  const values = view.outputs.map(({ dtype, shape }) => allocate(dtype, elementCount(shape)))
  definition.evaluate(
    definition.parameters(view),
    view.inputs.map(({ data }) => data),
    values,
  )
  return view.outputs.map((tensor, i) => ({ ...tensor, data: values[i]! }))
}
