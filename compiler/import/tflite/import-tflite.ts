/**
 * TFLite model -> canonical graph, in these steps:
 * 1. the file's tables, through a reader that holds every access to the file's bytes;
 * 2. every operator that the outputs need, by its definition: attributes from options and constant inputs;
 * 3. only the tensors that operators use, renumbered, each with its index in the file as origin;
 * 4. the verifier, which applies every operator's constraints.
 */
import { UserError } from '../../../sim/diagnostic.ts'
import type { Graph, Operator } from '../../ir/graph.ts'
import { findGraphProblem } from '../../passes/verify-graph.ts'
import { DamagedFile, GuardedBuffer } from './guarded-buffer.ts'
import { importOperators } from './import-operators.ts'
import { elements, TensorReader } from './read-tensors.ts'
import * as schema from './schema.generated.ts'

/**
 * Imports a TFLite file.
 * @param fileName what messages and the graph call it
 * @throws UserError when the file is damaged, or when it holds what cannot be compiled: which operator, where and why
 */
export function importTflite(bytes: Uint8Array, fileName: string): Graph {
  try {
    return importModel(new GuardedBuffer(bytes), fileName)
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error
    const message = `the file is damaged or cut short: ${error.message}`
    throw new UserError('model-damaged', message, 'get it again from where it came from', { file: fileName })
  }
}

function importModel(buffer: GuardedBuffer, file: string): Graph {
  const subgraphOnly = 'export one inference function without control flow'
  if (buffer.capacity() < 8 || !buffer.__has_identifier('TFL3')) {
    throw new UserError('not-tflite', 'this is not a TFLite model', 'give a .tflite file (identifier TFL3)', { file })
  }
  const model = schema.Model.getRootAsModel(buffer)
  if (model.version() !== 3) {
    const message = `its format version is ${model.version()}, not 3`
    throw new UserError('tflite-version', message, 'convert the model with TensorFlow 1.13 or newer', { file })
  }
  if (model.subgraphsLength() !== 1) {
    const message = `it has ${model.subgraphsLength()} subgraphs, not one`
    throw new UserError('tflite-subgraphs', message, subgraphOnly, { file })
  }
  const subgraph = model.subgraphs(0)!
  const tensors = new TensorReader(file, buffer, model, subgraph)
  const inputs = elements(subgraph.inputsLength(), (i) => subgraph.inputs(i))
  const outputs = elements(subgraph.outputsLength(), (i) => subgraph.outputs(i))
  const operators = importOperators(file, tensors, model, outputs)
  const graph = renumber(file, tensors, operators, inputs, outputs)
  const problem = findGraphProblem(graph)
  if (problem !== undefined) throw new UserError(problem.code, problem.message, problem.hint, { file, at: problem.at })
  return graph
}

/** Keeps the tensors that the graph uses, in the order of the file, under new ids. */
function renumber(
  name: string,
  tensors: TensorReader,
  operators: readonly Operator[],
  inputs: readonly number[],
  outputs: readonly number[],
): Graph {
  const used = new Set([...inputs, ...outputs, ...operators.flatMap((op) => [...op.inputs, ...op.outputs])])
  const order = [...used].sort((a, b) => a - b)
  const idOf = new Map(order.map((index, id) => [index, id]))
  const toIds = (indices: readonly number[]) => indices.map((index) => idOf.get(index)!)
  return {
    name,
    tensors: order.map((index, id) => ({ ...tensors.tensor(index), id })),
    operators: operators.map((op) => ({ ...op, inputs: toIds(op.inputs), outputs: toIds(op.outputs) })),
    inputs: toIds(inputs),
    outputs: toIds(outputs),
  }
}
