import { UserError } from '../../../sim/diagnostic.ts'
import { type DType, dtypes, type TensorData } from '../../ir/dtype.ts'
import { elementCount, type Quantisation, type Tensor } from '../../ir/graph.ts'
import { DamagedFile, type GuardedBuffer } from './guarded-buffer.ts'
import * as schema from './schema.generated.ts'

const dtypeOfType: Readonly<Record<number, DType>> = {
  [schema.TensorType.INT8]: 'int8',
  [schema.TensorType.UINT8]: 'uint8',
  [schema.TensorType.INT16]: 'int16',
  [schema.TensorType.INT32]: 'int32',
  [schema.TensorType.INT64]: 'int64',
  [schema.TensorType.FLOAT32]: 'float32',
}

/** Elements of one tensor that the compiler takes on: far more than a microcontroller's memory. */
const MOST_ELEMENTS = 2 ** 28
/** Of a damaged shape a message repeats no more. */
const SHOWN_SIZES = 8

/** The name behind a number of one of the schema's enums. */
export function enumName(members: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(members).find((name) => members[name] === value)
}

/** All elements of a vector; its length was checked against the file. */
export function elements<T>(length: number, get: (index: number) => T | null): T[] {
  return Array.from({ length }, (_, index) => {
    const element = get(index)
    if (element === null) throw new DamagedFile('it lacks a list that it refers to')
    return element
  })
}

/** A tensor's name as messages show it. */
export function printable(name: string): string {
  const plain = name.replaceAll(/\p{C}/gu, '?')
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain
}

/** The tensors of a model's one subgraph, read on demand: a tensor that nothing uses may be of any kind. */
export class TensorReader {
  readonly count: number
  private readonly file: string
  private readonly buffer: GuardedBuffer
  private readonly model: schema.Model
  private readonly subgraph: schema.SubGraph
  private readonly read = new Map<number, Tensor>()
  /** Constants by buffer and type: tensors may share a buffer, and a damaged file has many that do. */
  private readonly constants = new Map<string, TensorData>()

  constructor(file: string, buffer: GuardedBuffer, model: schema.Model, subgraph: schema.SubGraph) {
    this.file = file
    this.buffer = buffer
    this.model = model
    this.subgraph = subgraph
    this.count = subgraph.tensorsLength()
  }

  /** The tensor at this index of the file; its id is that index. @throws UserError when it is none that we take */
  tensor(index: number): Tensor {
    const known = this.read.get(index)
    if (known !== undefined) return known
    const table = this.subgraph.tensors(index)
    if (index < 0 || index >= this.count || table === null) throw new DamagedFile(`it has no tensor ${index}`)
    const tensor = this.readTensor(index, table)
    this.read.set(index, tensor)
    return tensor
  }

  private readTensor(index: number, table: schema.Tensor): Tensor {
    const stated = table.name()
    const name = stated === null || stated === '' ? `tensor_${index}` : stated
    const refuse = (what: string, hint: string): never => {
      const at = `tensor ${index} "${printable(name)}"`
      throw new UserError('tensor-unsupported', what, hint, { file: this.file, at })
    }
    const dtype = dtypeOfType[table.type()]
    const type = enumName(schema.TensorType, table.type()) ?? `of unknown type ${table.type()}`
    if (dtype === undefined) return refuse(`it is ${type}, which is not supported`, 'convert the model to int8')
    if (table.isVariable()) return refuse('it keeps its value between inferences', 'stateful models are not supported')
    if (table.sparsity() !== null) return refuse('it is sparse', 'convert the model with dense weights')
    if (table.externalBuffer() !== 0) return refuse('its data is in another file', 'put it into the model file')
    const shape = elements(table.shapeLength(), (i) => table.shape(i))
    const open = elements(table.shapeSignatureLength(), (i) => table.shapeSignature(i)).indexOf(-1, 1)
    if (open >= 1 || shape.some((size) => size < 1)) {
      const sizes = [...shape.slice(0, SHOWN_SIZES), ...(shape.length > SHOWN_SIZES ? ['...'] : [])]
      return refuse(`its shape [${sizes.join(', ')}] is not fixed`, 'convert the model with a fixed input shape')
    }
    if (elementCount(shape) > MOST_ELEMENTS)
      return refuse(`it has ${elementCount(shape)} elements`, 'use a smaller model')
    const quantisation = this.readQuantisation(table, shape.length, refuse)
    const data = this.readData(table, dtype, elementCount(shape), refuse)
    return {
      id: index,
      name,
      shape,
      dtype,
      ...(quantisation && { quantisation }),
      ...(data && { data }),
      origin: index,
    }
  }

  private readQuantisation(
    table: schema.Tensor,
    rank: number,
    refuse: (what: string, hint: string) => never,
  ): Quantisation | undefined {
    const stated = table.quantization()
    if (stated === null) return undefined
    if (stated.detailsType() !== 0) refuse('its quantisation is not affine', 'quantise per tensor or per channel')
    const scales = elements(stated.scaleLength(), (i) => stated.scale(i))
    if (scales.length === 0) return undefined
    const points = elements(stated.zeroPointLength(), (i) => stated.zeroPoint(i)).map(Number)
    // Files may leave the zero points out when all are 0, or state one for all channels.
    if (points.length > 1 && points.length !== scales.length) {
      refuse(`it has ${scales.length} scales and ${points.length} zero points`, 'convert the model again')
    }
    const zeroPoints = scales.map((_, i) => (points.length === 1 ? points[0] : points[i]) ?? 0)
    // With one dimension there is one choice; some converters state the axis of the weights for a bias.
    return { scales, zeroPoints, axis: scales.length === 1 || rank === 1 ? 0 : stated.quantizedDimension() }
  }

  private readData(
    table: schema.Tensor,
    dtype: DType,
    count: number,
    refuse: (what: string, hint: string) => never,
  ): TensorData | undefined {
    const key = `${table.buffer()} ${dtype}`
    const bytes = this.constants.has(key) ? undefined : this.bufferBytes(table.buffer())
    if (bytes !== undefined && bytes.length > 0) this.constants.set(key, decode(bytes, dtype))
    const data = this.constants.get(key)
    if (data !== undefined && data.length !== count) {
      refuse(`its ${count} elements do not match the ${data.byteLength} bytes of its data`, 'get the file again')
    }
    return data
  }

  private bufferBytes(index: number): Uint8Array {
    // Buffer 0 is empty by convention: tensors that are computed refer to it.
    const table = index === 0 ? null : this.model.buffers(index)
    if (index !== 0 && (table === null || index >= this.model.buffersLength())) {
      throw new DamagedFile(`it has no buffer ${index}`)
    }
    if (table === null) return new Uint8Array()
    const [offset, size] = [Number(table.offset()), Number(table.size())]
    // Offsets up to 1 mean that the data is inside of the FlatBuffer.
    if (offset > 1) return this.buffer.slice(offset, size)
    const length = table.dataLength()
    return length === 0 ? new Uint8Array() : (table.dataArray() ?? new Uint8Array())
  }
}

/** A copy of little-endian bytes as elements. */
function decode(bytes: Uint8Array, dtype: DType): TensorData {
  const { array: TypedArray, bytes: width } = dtypes[dtype]
  if (bytes.length % width !== 0) throw new DamagedFile(`it has ${bytes.length} bytes of ${dtype} data`)
  return new TypedArray(new Uint8Array(bytes).buffer)
}
