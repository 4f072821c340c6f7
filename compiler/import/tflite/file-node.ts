import type { TensorId } from '../../ir/graph.ts'
import { OperatorMismatch } from '../../ops/operator.ts'
import { GuardedBuffer } from './guarded-buffer.ts'
import type { OptionsTable, TfliteNode } from './node.ts'
import { elements, enumName, type TensorReader } from './read-tensors.ts'
import * as schema from './schema.generated.ts'

/** A FlatBuffer table without fields: what options are when the file has none. */
const EMPTY_TABLE = 4
const emptyBuffer = new GuardedBuffer(Uint8Array.of(4, 0, 4, 0, 4, 0, 0, 0))

/** What the schema calls a table: its export, as a minifier may change the name of the class. */
function tableName(Table: new () => OptionsTable): string | undefined {
  return Object.entries(schema).find(([, value]) => value === Table)?.[0]
}

/** An operator of the file behind the interface that the operator definitions read. */
export class FileNode implements TfliteNode {
  readonly op: string
  readonly outputIds: readonly TensorId[]
  readonly inputIds: readonly TensorId[]
  private readonly tensors: TensorReader
  private readonly table: schema.Operator

  constructor(tensors: TensorReader, table: schema.Operator, op: string) {
    this.op = op
    this.tensors = tensors
    this.table = table
    this.inputIds = elements(table.inputsLength(), (i) => table.inputs(i))
    this.outputIds = elements(table.outputsLength(), (i) => table.outputs(i))
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
    else if (type !== tableName(Table)) throw new OperatorMismatch(`its options are not ${tableName(Table)}`)
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
