import { UserError } from '../../../sim/diagnostic.ts'
import type { Operator, OperatorOrigin, TensorId } from '../../ir/graph.ts'
import type { OperatorKind } from '../../ir/operators.ts'
import { operatorDefinitions } from '../../ops/index.ts'
import { OperatorMismatch } from '../../ops/operator.ts'
import { FileNode } from './file-node.ts'
import { DamagedFile } from './guarded-buffer.ts'
import type { TfliteImport, TfliteNode } from './node.ts'
import { elements, enumName, printable, type TensorReader } from './read-tensors.ts'
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

/** An operator that cannot be imported. */
interface Refusal {
  readonly origin: OperatorOrigin
  readonly reason: string
  readonly hint: string
}

/**
 * The operators that the outputs depend on, in the order of the file. Attributes replace constant inputs, so what
 * computes nothing but a shape (SHAPE, STRIDED_SLICE, PACK before a RESHAPE) is not needed, whatever it is.
 * @throws UserError that names the first operator that cannot be imported, and which others cannot
 */
export function importOperators(
  file: string,
  tensors: TensorReader,
  model: schema.Model,
  outputs: readonly TensorId[],
): Operator[] {
  const subgraph = model.subgraphs(0)!
  const tables = elements(subgraph.operatorsLength(), (i) => subgraph.operators(i))
  const needed = new Set(outputs)
  const operators: Operator[] = []
  const refusals: Refusal[] = []
  for (const [index, table] of [...tables.entries()].reverse()) {
    const op = operatorName(model, table.opcodeIndex())
    const node = new FileNode(tensors, table, op)
    if (!node.outputIds.some((id) => needed.has(id))) continue
    const result = importOperator(node, { index, op })
    if ('reason' in result) refusals.push(result)
    else operators.push(result)
    for (const id of 'reason' in result ? node.inputIds : result.inputs) needed.add(id)
  }
  if (refusals.length > 0) refuse(file, refusals.reverse())
  return operators.reverse()
}

function refuse(file: string, [first, ...others]: readonly Refusal[]): never {
  const { origin, reason, hint } = first!
  const names = others.slice(0, 4).map((other) => `operator ${other.origin.index} ${other.origin.op}`)
  const more = others.length > names.length ? `, and ${others.length - names.length} more` : ''
  const nor = others.length === 0 ? '' : ` (nor can ${names.join(', ')}${more})`
  const message = `${origin.op} cannot be compiled: ${reason}${nor}`
  throw new UserError('operator-unsupported', message, hint, { file, at: `operator ${origin.index}` })
}

/** The operator's name: newer files hold codes over 127 in a second field, older files lack that field. */
function operatorName(model: schema.Model, opcode: number): string {
  const code = opcode < model.operatorCodesLength() ? model.operatorCodes(opcode) : null
  if (code === null) throw new DamagedFile(`it has no operator code ${opcode}`)
  const builtin = Math.max(code.builtinCode(), code.deprecatedBuiltinCode())
  if (builtin === schema.BuiltinOperator.CUSTOM) return `CUSTOM "${printable(code.customCode() ?? '')}"`
  return enumName(schema.BuiltinOperator, builtin) ?? `operator code ${builtin}`
}

function importOperator(node: FileNode, origin: OperatorOrigin): Operator | Refusal {
  const importer = importers.get(origin.op)
  if (importer === undefined) {
    return { origin, reason: 'it is not supported', hint: `these operators are: ${tfliteOperators.join(', ')}` }
  }
  try {
    return buildOperator(node, importer, origin)
  } catch (error) {
    if (!(error instanceof OperatorMismatch)) throw error
    const hint = 'change this layer, or convert the model to int8 (full integer quantisation) again'
    return { origin, reason: error.message, hint }
  }
}

function buildOperator(node: FileNode, { kind, run }: Importer, origin: OperatorOrigin): Operator {
  const { attributes, inputs: kept } = run(node)
  // Optional inputs are last in every canonical order, so a list without a tail of absent ones is whole.
  const ids = kept === undefined ? node.presentInputs() : kept.map((i) => node.input(i, `input ${i}`).id)
  // The kind and the attributes come from one definition; the compiler cannot see that they match.
  return { kind, attributes, inputs: ids, outputs: node.outputIds, origin } as Operator
}
