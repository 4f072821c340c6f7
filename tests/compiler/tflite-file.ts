import { Builder } from 'flatbuffers'
import * as schema from '../../compiler/import/tflite/schema.generated.ts'

export interface FileTensor {
  readonly shape: readonly number[]
  readonly type?: keyof typeof schema.TensorType
  readonly name?: string
  readonly scales?: readonly number[]
  readonly zeroPoints?: readonly number[]
  readonly axis?: number
  /** Makes it constant. */
  readonly data?: ArrayBufferView
  readonly signature?: readonly number[]
  readonly variable?: boolean
  readonly sparse?: boolean
}

export interface FileOperator {
  /** A built-in name, or `CUSTOM:name`. */
  readonly op: string
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Table of the options and its fields, by their generated names. */
  readonly options?: readonly [table: string, fields: Readonly<Record<string, number | boolean>>]
}

export interface FileModel {
  readonly tensors: readonly FileTensor[]
  readonly operators: readonly FileOperator[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly version?: number
  readonly subgraphs?: number
  /** Leave out the newer field of operator codes, as old converters did. */
  readonly oldOpcodes?: boolean
}

/** A TFLite file with exactly these tables, for tests. */
export function tfliteFile(model: FileModel): Uint8Array {
  const b = new Builder(1024)
  const vector = (offsets: number[], create: (b: Builder, offsets: number[]) => number) => create(b, offsets)
  const datas = model.tensors.filter(({ data }) => data !== undefined).map(({ data }) => data!)
  const bufferIndex = (data: ArrayBufferView | undefined) => (data === undefined ? 0 : datas.indexOf(data) + 1)
  const buffers = [undefined, ...datas].map((data) => writeBuffer(b, data))
  const names = [...new Set(model.operators.map(({ op }) => op))]
  const codes = names.map((name) => writeOpcode(b, name, model.oldOpcodes === true))
  const subgraphs = Array.from({ length: model.subgraphs ?? 1 }, () => {
    const tensors = model.tensors.map((tensor) => writeTensor(b, tensor, bufferIndex(tensor.data)))
    const operators = model.operators.map((operator) => writeOperator(b, operator, names.indexOf(operator.op)))
    const tensorList = vector(tensors, schema.SubGraph.createTensorsVector)
    const operatorList = vector(operators, schema.SubGraph.createOperatorsVector)
    const inputs = schema.SubGraph.createInputsVector(b, [...model.inputs])
    const outputs = schema.SubGraph.createOutputsVector(b, [...model.outputs])
    return schema.SubGraph.createSubGraph(b, tensorList, inputs, outputs, operatorList)
  })
  const codeList = vector(codes, schema.Model.createOperatorCodesVector)
  const subgraphList = vector(subgraphs, schema.Model.createSubgraphsVector)
  const bufferList = vector(buffers, schema.Model.createBuffersVector)
  b.finish(schema.Model.createModel(b, model.version ?? 3, codeList, subgraphList, bufferList), 'TFL3')
  return b.asUint8Array().slice()
}

function writeBuffer(b: Builder, data: ArrayBufferView | undefined): number {
  if (data === undefined) return schema.Buffer.createBuffer(b, 0, 0n, 0n)
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  b.startVector(1, bytes.length, 16)
  for (const byte of bytes.toReversed()) b.addInt8(byte)
  const offset = b.endVector()
  return schema.Buffer.createBuffer(b, offset, 0n, 0n)
}

function writeOpcode(b: Builder, name: string, old: boolean): number {
  const custom = name.startsWith('CUSTOM:') ? b.createString(name.slice(7)) : 0
  const code = custom ? 32 : schema.BuiltinOperator[name as keyof typeof schema.BuiltinOperator]
  schema.OperatorCode.startOperatorCode(b)
  schema.OperatorCode.addDeprecatedBuiltinCode(b, Math.min(127, code))
  if (custom) schema.OperatorCode.addCustomCode(b, custom)
  if (!old) schema.OperatorCode.addBuiltinCode(b, code)
  return schema.OperatorCode.endOperatorCode(b)
}

function writeTensor(b: Builder, tensor: FileTensor, buffer: number): number {
  const name = tensor.name === undefined ? 0 : b.createString(tensor.name)
  const shape = schema.Tensor.createShapeVector(b, [...tensor.shape])
  const signature = tensor.signature ? schema.Tensor.createShapeSignatureVector(b, [...tensor.signature]) : 0
  const quantisation = tensor.scales ? writeQuantisation(b, tensor.scales, tensor) : 0
  const sparsity = tensor.sparse
    ? schema.Sparsity.createSparsity(b, schema.Sparsity.createTraversalOrderVector(b, [0]))
    : 0
  schema.Tensor.startTensor(b)
  schema.Tensor.addShape(b, shape)
  schema.Tensor.addType(b, schema.TensorType[tensor.type ?? 'INT8'])
  schema.Tensor.addBuffer(b, buffer)
  if (name) schema.Tensor.addName(b, name)
  if (quantisation) schema.Tensor.addQuantization(b, quantisation)
  if (tensor.variable) schema.Tensor.addIsVariable(b, true)
  if (sparsity) schema.Tensor.addSparsity(b, sparsity)
  if (signature) schema.Tensor.addShapeSignature(b, signature)
  return schema.Tensor.endTensor(b)
}

function writeQuantisation(b: Builder, scales: readonly number[], { zeroPoints, axis }: FileTensor): number {
  const scale = schema.QuantizationParameters.createScaleVector(b, [...scales])
  const points = (zeroPoints ?? scales.map(() => 0)).map(BigInt)
  const zeroPoint = schema.QuantizationParameters.createZeroPointVector(b, points)
  return schema.QuantizationParameters.createQuantizationParameters(b, scale, zeroPoint, 0, axis ?? 0)
}

type Writer = Readonly<Record<string, (b: Builder, value?: number | boolean) => number>>

function writeOperator(b: Builder, operator: FileOperator, opcode: number): number {
  const inputs = schema.Operator.createInputsVector(b, [...operator.inputs])
  const outputs = schema.Operator.createOutputsVector(b, [...operator.outputs])
  const [table, fields] = operator.options ?? ['NONE', {}]
  let options = 0
  if (table !== 'NONE') {
    const writer = (schema as unknown as Readonly<Record<string, Writer>>)[table]!
    writer[`start${table}`]!(b)
    for (const [name, value] of Object.entries(fields))
      writer[`add${name[0]!.toUpperCase()}${name.slice(1)}`]!(b, value)
    options = writer[`end${table}`]!(b)
  }
  const type = schema.BuiltinOptions[table as keyof typeof schema.BuiltinOptions]
  return schema.Operator.createOperator(b, opcode, inputs, outputs, type, options)
}
