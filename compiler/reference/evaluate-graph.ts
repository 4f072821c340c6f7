import { UserError } from '../../sim/diagnostic.ts'
import { allocate, dtypeOf, type TensorData } from '../ir/dtype.ts'
import { elementCount, type Graph, type Operator, type Tensor, tensorOf } from '../ir/graph.ts'
import { definitionOf, viewOf } from '../ops/index.ts'

/** Called after each operator, in order, with what it computed (valid until the next inference). */
export type OnOperator = (operator: Operator, outputs: readonly TensorData[], index: number) => void

/**
 * The bit-exact oracle: runs a verified graph with the arithmetic of TFLite Micro's reference kernels in their default
 * configuration (double rounding). All memory is allocated once, so many inferences cost no more than their arithmetic.
 */
export class ReferenceInterpreter {
  private readonly graph: Graph
  private readonly values: readonly TensorData[]
  private readonly steps: readonly (() => void)[]

  constructor(graph: Graph) {
    this.graph = graph
    this.values = graph.tensors.map(({ data, dtype, shape }) => data ?? allocate(dtype, elementCount(shape)))
    this.steps = graph.operators.map((operator) => {
      const definition = definitionOf(operator.kind)
      const parameters = definition.parameters(viewOf(graph, operator))
      const inputs = operator.inputs.map((id) => this.values[id]!)
      const outputs = operator.outputs.map((id) => this.values[id]!)
      return () => definition.evaluate(parameters, inputs, outputs)
    })
  }

  /**
   * One inference.
   * @param inputs one array per graph input, of its type and number of elements
   * @returns copies of the graph's outputs
   * @throws UserError when an input does not fit
   */
  run(inputs: readonly TensorData[], onOperator?: OnOperator): TensorData[] {
    const wanted = this.graph.inputs.map((id) => tensorOf(this.graph, id))
    if (inputs.length !== wanted.length) {
      const message = `the model has ${wanted.length} inputs, ${inputs.length} are given`
      throw new UserError('input-count', message, 'give one array for each input', { file: this.graph.name })
    }
    for (const [i, tensor] of wanted.entries()) {
      checkInput(this.graph.name, tensor, inputs[i]!)
      // Both sides were held to one type.
      ;(this.values[tensor.id] as Int8Array).set(inputs[i] as Int8Array)
    }
    for (const [index, step] of this.steps.entries()) {
      step()
      const operator = this.graph.operators[index]!
      onOperator?.(
        operator,
        operator.outputs.map((id) => this.values[id]!),
        index,
      )
    }
    return this.graph.outputs.map((id) => this.values[id]!.slice())
  }
}

function checkInput(file: string, tensor: Tensor, data: TensorData): void {
  const count = elementCount(tensor.shape)
  if (dtypeOf(data) === tensor.dtype && data.length === count) return
  const message = `input "${tensor.name}" is ${count} x ${tensor.dtype}, ${data.length} x ${dtypeOf(data)} are given`
  throw new UserError('input-mismatch', message, 'give the model what it was made for', { file })
}

/** One inference of a verified graph; see ReferenceInterpreter, which is faster for many. */
export function evaluateGraph(graph: Graph, inputs: readonly TensorData[], onOperator?: OnOperator): TensorData[] {
  return new ReferenceInterpreter(graph).run(inputs, onOperator)
}
