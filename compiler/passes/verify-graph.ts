/**
 * Holds a graph to what every pass may rely on:
 * 1. tensors: ids are indices, shapes and data agree, quantisation is well-formed;
 * 2. order: every operator reads what is constant, an input, or made before, and makes what nothing else made;
 * 3. operators: each one's own constraints, and integers that its kernel can compute with.
 */
import { dtypeOf } from '../ir/dtype.ts'
import { elementCount, type Graph, type Operator, type Tensor, type TensorId } from '../ir/graph.ts'
import { definitionOf, viewOf } from '../ops/index.ts'
import { OperatorMismatch } from '../ops/operator.ts'
import { dtypeRange } from '../ops/quantisation.ts'

/** What is wrong with a graph, and where. */
export interface GraphProblem {
  readonly code: 'tensor-invalid' | 'graph-invalid' | 'operator-unsupported'
  readonly message: string
  readonly hint: string
  readonly at: string
}

/** The first problem of the graph, undefined when it has none. */
export function findGraphProblem(graph: Graph): GraphProblem | undefined {
  for (const [index, tensor] of graph.tensors.entries()) {
    const message = tensor.id === index ? tensorProblem(tensor) : `its id is ${tensor.id}`
    if (message !== undefined) return invalid('tensor-invalid', message, describeTensor(tensor, index))
  }
  return flowProblem(graph) ?? operatorProblem(graph)
}

/**
 * For use between passes, where a problem is a mistake of ours.
 * @param after the pass that made the graph
 * @throws Error that names the pass
 */
export function verifyGraph(graph: Graph, after = 'import'): Graph {
  const problem = findGraphProblem(graph)
  if (problem !== undefined) throw new Error(`${after} made an invalid graph: ${problem.at}: ${problem.message}`)
  return graph
}

/** Where the operator stands in the model file. */
function describeOperator({ origin }: Operator): string {
  return `operator ${origin.index}`
}

function describeTensor(tensor: Tensor, index: number): string {
  return `tensor ${tensor.origin ?? index} "${tensor.name}"`
}

function invalid(code: GraphProblem['code'], message: string, at: string): GraphProblem {
  return { code, message, hint: 'convert the model again', at }
}

function tensorProblem({ shape, dtype, quantisation, data }: Tensor): string | undefined {
  if (!shape.every((size) => Number.isInteger(size) && size >= 1)) return `its shape [${shape.join(', ')}] is not fixed`
  if (data !== undefined && (dtypeOf(data) !== dtype || data.length !== elementCount(shape))) {
    return `its data is ${data.length} x ${dtypeOf(data)}, its shape needs ${elementCount(shape)} x ${dtype}`
  }
  if (quantisation === undefined) return undefined
  const { scales, zeroPoints, axis } = quantisation
  if (scales.length === 0 || scales.length !== zeroPoints.length) {
    return `it has ${scales.length} scales and ${zeroPoints.length} zero points`
  }
  if (scales.length > 1 && shape[axis] !== scales.length) {
    return `it has ${scales.length} scales for ${shape[axis] ?? 'no'} elements of dimension ${axis}`
  }
  if (!scales.every((scale) => Number.isFinite(scale) && scale >= 0)) return 'it has a scale that is no positive number'
  const [lowest, highest] = dtypeRange[dtype]
  const outside = zeroPoints.find((point) => !Number.isInteger(point) || point < lowest || point > highest)
  return outside === undefined ? undefined : `its zero point ${outside} is no ${dtype} value`
}

function flowProblem(graph: Graph): GraphProblem | undefined {
  const exists = (id: TensorId) => graph.tensors[id] !== undefined
  const defined = new Set<TensorId>(graph.tensors.filter((tensor) => tensor.data !== undefined).map(({ id }) => id))
  const problem = (message: string, at: string) => invalid('graph-invalid', message, at)
  const name = (id: TensorId) => (exists(id) ? describeTensor(graph.tensors[id]!, id) : `tensor ${id}`)
  if (graph.inputs.length === 0 || graph.outputs.length === 0) return problem('it has no input or no output', 'model')
  for (const id of graph.inputs) {
    if (!exists(id) || defined.has(id)) return problem(`${name(id)} is constant or twice an input`, 'inputs')
    defined.add(id)
  }
  for (const operator of graph.operators) {
    const at = describeOperator(operator)
    const missing = operator.inputs.find((id) => !defined.has(id))
    if (missing !== undefined) return problem(`it reads ${name(missing)}, which nothing makes before it`, at)
    for (const id of operator.outputs) {
      if (!exists(id) || defined.has(id)) return problem(`it writes ${name(id)}, which has its value already`, at)
      defined.add(id)
    }
  }
  const unmade = graph.outputs.find((id) => !defined.has(id))
  return unmade === undefined ? undefined : problem(`nothing makes ${name(unmade)}`, 'outputs')
}

function operatorProblem(graph: Graph): GraphProblem | undefined {
  for (const operator of graph.operators) {
    const reason = operatorMismatch(graph, operator)
    if (reason === undefined) continue
    const message = `${operator.origin.op} cannot be compiled: ${reason}`
    const hint = 'change this layer, or convert the model to int8 (full integer quantisation) again'
    return { code: 'operator-unsupported', message, hint, at: describeOperator(operator) }
  }
  return undefined
}

/** Why the operator cannot be compiled as it stands in the graph, undefined when it can. */
export function operatorMismatch(graph: Graph, operator: Operator): string | undefined {
  const definition = definitionOf(operator.kind)
  const counts = [
    ['inputs', operator.inputs.length, definition.inputs],
    ['outputs', operator.outputs.length, definition.outputs],
  ] as const
  for (const [what, count, [fewest, most]] of counts) {
    if (count < fewest || count > most)
      return `it has ${count} ${what}, not ${fewest === most ? '' : `${fewest} to `}${most}`
  }
  try {
    const view = viewOf(graph, operator)
    definition.check(view)
    definition.parameters(view)
    return undefined
  } catch (error) {
    if (error instanceof OperatorMismatch) return error.message
    throw error
  }
}
