/**
 * TFLite model -> canonical graph, in these steps:
 * 1. the file's tables, through a reader that holds every access to the file's bytes;
 * 2. every operator by its definition: attributes from options and constant inputs;
 * 3. only the tensors that operators use, renumbered, each with its index in the file as origin;
 * 4. the verifier, which applies every operator's constraints.
 */
import { UserError } from '../../../sim/diagnostic.ts'
import type { Graph, Operator, OperatorOrigin, TensorId } from '../../ir/graph.ts'
import type { OperatorKind } from '../../ir/operators.ts'
import { operatorDefinitions } from '../../ops/index.ts'
import { OperatorMismatch } from '../../ops/operator.ts'
import { findGraphProblem } from '../../passes/verify-graph.ts'
import { DamagedFile, GuardedBuffer } from './guarded-buffer.ts'
import type { OptionsTable, TfliteImport, TfliteNode } from './node.ts'
import { elements, enumName, printable, TensorReader } from './read-tensors.ts'
import * as schema from './schema.generated.ts'

interface Importer {
  readonly kind: OperatorKind
  readonly run: (node: TfliteNode) => TfliteImport<OperatorKind>
}

const importers = new Map<string, Importer>(
  operatorDefinitions.flatMap(({ kind, tflite }) =>
    Object.entries(tflite).map(([name, run]): [string, Importer] => [name, { kind, run }]),
  ),
)

/** Names of the TFLite operators that can be imported, sorted. */
export const tfliteOperators: readonly string[] = [...importers.keys()].sort()

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
  const operators = elements(subgraph.operatorsLength(), (i) => subgraph.operators(i)).map((operator, index) =>
    importOperator(file, tensors, model, operator, index),
  )
  const inputs = elements(subgraph.inputsLength(), (i) => subgraph.inputs(i))
  const outputs = elements(subgraph.outputsLength(), (i) => subgraph.outputs(i))
  const graph = renumber(file, tensors, operators, inputs, outputs)
  const problem = findGraphProblem(graph)
  if (problem !== undefined) throw new UserError(problem.code, problem.message, problem.hint, { file, at: problem.at })
  return graph
}

/** The operator's name: newer files hold codes over 127 in a second field, older files lack that field. */
function operatorName(model: schema.Model, opcode: number): string {
  const code = opcode < model.operatorCodesLength() ? model.operatorCodes(opcode) : null
  if (code === null) throw new DamagedFile(`it has no operator code ${opcode}`)
  const builtin = Math.max(code.builtinCode(), code.deprecatedBuiltinCode())
  if (builtin === schema.BuiltinOperator.CUSTOM) return `CUSTOM "${printable(code.customCode() ?? '')}"`
  return enumName(schema.BuiltinOperator, builtin) ?? `operator code ${builtin}`
}

function importOperator(
  file: string,
  tensors: TensorReader,
  model: schema.Model,
  table: schema.Operator,
  index: number,
): Operator {
  const origin: OperatorOrigin = { index, op: operatorName(model, table.opcodeIndex()) }
  const importer = importers.get(origin.op)
  if (importer === undefined) {
    const hint = `these are: ${tfliteOperators.join(', ')}`
    throw new UserError('operator-unsupported', `${origin.op} is not supported`, hint, {
      file,
      at: `operator ${index}`,
    })
  }
  try {
    return buildOperator(new FileNode(tensors, table, origin.op), importer, origin)
  } catch (error) {
    if (!(error instanceof OperatorMismatch)) throw error
    const hint = 'change this layer, or convert the model to int8 (full integer quantisation) again'
    const message = `${origin.op} cannot be compiled: ${error.message}`
    throw new UserError('operator-unsupported', message, hint, { file, at: `operator ${index}` })
  }
}

function buildOperator(node: FileNode, { kind, run }: Importer, origin: OperatorOrigin): Operator {
  const { attributes, inputs: kept } = run(node)
  // Optional inputs are last in every canonical order, so a list without a tail of absent ones is whole.
  const ids = kept === undefined ? node.presentInputs() : kept.map((i) => node.input(i, `input ${i}`).id)
  // The kind and the attributes come from one definition; the compiler cannot see that they match.
  return { kind, attributes, inputs: ids, outputs: node.outputIds, origin } as Operator
}

/** An operator of the file behind the interface that the operator definitions read. */
class FileNode implements TfliteNode {
  readonly op: string
  readonly outputIds: readonly TensorId[]
  private readonly inputIds: readonly TensorId[]
  private readonly tensors: TensorReader
  private readonly table: schema.Operator

  constructor(tensors: TensorReader, table: schema.Operator, op: string) {
    this.op = op
    this.tensors = tensors
    this.table = table
    this.inputIds = elements(table.inputsLength(), (i) => table.inputs(i))
    this.outputIds = elements(table.outputsLength(), (i) => table.outputs(i))
    for (const id of this.outputIds) tensors.tensor(id)
  }

  input(index: number, role: string) {
    const id = this.inputIds[index] ?? -1
    if (id === -1) throw new OperatorMismatch(`its ${role} is missing`)
    return this.tensors.tensor(id)
  }

  output(index: number, role: string) {
    const id = this.outputIds[index]
    if (id === undefined) throw new OperatorMismatch(`its ${role} is missing`)
    return this.tensors.tensor(id)
  }

  options<T extends OptionsTable>(Table: new () => T): T {
    const type = enumName(schema.BuiltinOptions, this.table.builtinOptionsType())
    const options = new Table()
    if (type === 'NONE' || this.table.builtinOptions(options) === null) options.__init(EMPTY_TABLE, emptyBuffer)
    else if (type !== Table.name) throw new OperatorMismatch(`its options are not ${Table.name}`)
    return options
  }

  integers(index: number, role: string): readonly number[] {
    const tensor = this.input(index, role)
    const integral = tensor.dtype === 'int32' || tensor.dtype === 'int64'
    if (!integral) throw new OperatorMismatch(`its ${role} tensor is ${tensor.dtype}, not int32`)
    if (tensor.data === undefined) throw new OperatorMismatch(`its ${role} tensor is computed, not constant`)
    return Array.from(tensor.data, Number)
  }

  /** Ids of all inputs up to the last present one. */
  presentInputs(): TensorId[] {
    const count = this.inputIds.findLastIndex((id) => id !== -1) + 1
    return Array.from({ length: count }, (_, i) => this.input(i, `input ${i}`).id)
  }
}

/** A FlatBuffer table without fields: what options are when the file has none. */
const EMPTY_TABLE = 4
const emptyBuffer = new GuardedBuffer(Uint8Array.of(4, 0, 4, 0, 4, 0, 0, 0))

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
