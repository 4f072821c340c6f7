/**
 * Writes a quantised model as a TensorFlow Lite file (schema version 3, identifier TFL3).
 * Field ids, enum values and operator versions are facts of the format; only what our models use is written.
 */
import { Builder, type Offset } from 'flatbuffers'
import type { OperatorOptions, Quantisation, QuantisedModel, QuantisedTensor } from './quantised-model.ts'

/** BuiltinOperator values, and the first operator version whose kernels take int8. */
const operatorCodes = {
  ADD: { builtin: 0, version: 2 },
  AVERAGE_POOL_2D: { builtin: 1, version: 2 },
  CONV_2D: { builtin: 3, version: 3 },
  DEPTHWISE_CONV_2D: { builtin: 4, version: 3 },
  FULLY_CONNECTED: { builtin: 9, version: 4 },
  RESHAPE: { builtin: 22, version: 1 },
  SOFTMAX: { builtin: 25, version: 2 },
} as const satisfies Record<OperatorOptions['op'], object>

const tensorTypes = { int32: 2, int8: 9 } as const
const paddings = { same: 0, valid: 1 } as const
/** Data of constants starts on 16 bytes, as the schema demands. */
const bufferAlignment = 16

/** @returns the bytes of the file */
export function writeTflite(model: QuantisedModel): Uint8Array {
  const b = new Builder(64 * 1024)
  const constants = model.tensors.filter((tensor) => tensor.data !== undefined)
  const codes = [...new Set(model.operators.map(({ options }) => options.op))]
  const buffers = vector(b, [table(b, []), ...constants.map((tensor) => writeBuffer(b, tensor.data!))])
  const tensors = vector(
    b,
    model.tensors.map((tensor) => writeTensor(b, tensor, constants.indexOf(tensor) + 1)),
  )
  const operators = model.operators.map(({ options, inputs, output }) =>
    writeOperator(b, codes.indexOf(options.op), options, inputs, output),
  )
  const subgraph = table(b, [
    offset(0, tensors),
    offset(1, int32s(b, [model.input])),
    offset(2, int32s(b, [model.output])),
    offset(3, vector(b, operators)),
    offset(4, b.createString(model.name)),
  ])
  const operatorCodeTables = codes.map((op) => writeOperatorCode(b, op))
  const root = table(b, [
    int32(0, 3),
    offset(1, vector(b, operatorCodeTables)),
    offset(2, vector(b, [subgraph])),
    offset(3, b.createString(model.description)),
    offset(4, buffers),
  ])
  b.finish(root, 'TFL3')
  return b.asUint8Array()
}

function writeOperatorCode(b: Builder, op: OperatorOptions['op']): Offset {
  const { builtin, version } = operatorCodes[op]
  return table(b, [int8(0, builtin), int32(2, version), int32(3, builtin)])
}

function writeTensor(b: Builder, tensor: QuantisedTensor, buffer: number): Offset {
  const fields = [
    offset(0, int32s(b, tensor.shape)),
    int8(1, tensorTypes[tensor.type]),
    int32(2, buffer),
    offset(3, b.createString(tensor.name)),
  ]
  if (tensor.quantisation !== undefined) fields.push(offset(4, writeQuantisation(b, tensor.quantisation)))
  return table(b, fields)
}

function writeQuantisation(b: Builder, { scales, zeroPoint, axis }: Quantisation): Offset {
  b.startVector(4, scales.length, 4)
  for (const scale of scales.toReversed()) b.addFloat32(scale)
  const scaleVector = b.endVector()
  b.startVector(8, scales.length, 8)
  for (const _ of scales) b.addInt64(BigInt(zeroPoint))
  const zeroPointVector = b.endVector()
  return table(b, [offset(2, scaleVector), offset(3, zeroPointVector), int32(6, axis)])
}

function writeBuffer(b: Builder, data: Int8Array | Int32Array): Offset {
  const bytes = new Int8Array(data.buffer, data.byteOffset, data.byteLength)
  b.startVector(1, bytes.length, bufferAlignment)
  for (const byte of bytes.toReversed()) b.addInt8(byte)
  return table(b, [offset(0, b.endVector())])
}

function writeOperator(
  b: Builder,
  code: number,
  options: OperatorOptions,
  inputs: readonly number[],
  output: number,
): Offset {
  const { type, fields } = describeOptions(b, options)
  const optionsTable = table(b, fields)
  return table(b, [
    int32(0, code),
    offset(1, int32s(b, inputs)),
    offset(2, int32s(b, [output])),
    int8(3, type),
    offset(4, optionsTable),
  ])
}

/** The BuiltinOptions union: its type and the fields of its table. */
function describeOptions(b: Builder, options: OperatorOptions): { type: number; fields: Field[] } {
  switch (options.op) {
    case 'CONV_2D': {
      const { padding, stride } = options.window
      const window = [int8(0, paddings[padding]), int32(1, stride), int32(2, stride)]
      return { type: 1, fields: [...window, activation(3, options.relu), int32(4, 1), int32(5, 1)] }
    }
    case 'DEPTHWISE_CONV_2D': {
      const { padding, stride } = options.window
      const window = [int8(0, paddings[padding]), int32(1, stride), int32(2, stride), int32(3, 1)]
      return { type: 2, fields: [...window, activation(4, options.relu), int32(5, 1), int32(6, 1)] }
    }
    case 'AVERAGE_POOL_2D': {
      const { kernel, padding, stride } = options.window
      const window = [int8(0, paddings[padding]), int32(1, stride), int32(2, stride)]
      return { type: 5, fields: [...window, int32(3, kernel[1]), int32(4, kernel[0])] }
    }
    case 'FULLY_CONNECTED':
      return { type: 8, fields: [] }
    case 'SOFTMAX':
      return { type: 9, fields: [float32(0, 1)] }
    case 'ADD':
      return { type: 11, fields: [activation(0, options.relu)] }
    case 'RESHAPE':
      return { type: 17, fields: [offset(0, int32s(b, options.shape))] }
  }
}

/** Writes one field of the table under construction. */
type Field = (b: Builder) => void

const int8 =
  (id: number, value: number): Field =>
  (b) =>
    b.addFieldInt8(id, value, 0)
const int32 =
  (id: number, value: number): Field =>
  (b) =>
    b.addFieldInt32(id, value, 0)
const float32 =
  (id: number, value: number): Field =>
  (b) =>
    b.addFieldFloat32(id, value, 0)
const offset =
  (id: number, value: Offset): Field =>
  (b) =>
    b.addFieldOffset(id, value, 0)
/** ActivationFunctionType: NONE is 0, RELU is 1. */
const activation = (id: number, relu: boolean): Field => int8(id, relu ? 1 : 0)

/** More fields than any table of ours has; unused ids at the end take no space in the file. */
const maximumFields = 8

function table(b: Builder, fields: readonly Field[]): Offset {
  b.startObject(maximumFields)
  for (const field of fields) field(b)
  return b.endObject()
}

function vector(b: Builder, offsets: readonly Offset[]): Offset {
  b.startVector(4, offsets.length, 4)
  for (const item of offsets.toReversed()) b.addOffset(item)
  return b.endVector()
}

function int32s(b: Builder, values: readonly number[]): Offset {
  b.startVector(4, values.length, 4)
  for (const value of values.toReversed()) b.addInt32(value)
  return b.endVector()
}
