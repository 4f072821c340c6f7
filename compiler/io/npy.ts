/**
 * Arrays in NumPy's .npy format: C order, little endian. npyjs reads and writes the container; what it leaves open
 * (Fortran order, other types, a wrong amount of data, damaged headers) is held to one sentence each here.
 */
import { dump, parse } from 'npyjs'
import { UserError } from '../../sim/diagnostic.ts'
import { type DType, dtypeOf, type TensorData } from '../ir/dtype.ts'
import { elementCount } from '../ir/graph.ts'

export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: TensorData
}

const readable: readonly DType[] = ['int8', 'uint8', 'int16', 'int32', 'int64', 'float32']

/** Magic string, version and the header's length. */
const PREFIX_BYTES = 10

function refuse(file: string, message: string): never {
  throw new UserError('npy', message, "save it with numpy.save as a C-ordered array of the model's type", { file })
}

/**
 * Reads a .npy file.
 * @param fileName what messages call it
 * @throws UserError when the file is no .npy, damaged, or holds what tensors do not
 */
export function readNpy(bytes: Uint8Array, fileName: string): NpyArray {
  const magic = String.fromCharCode(...bytes.subarray(0, 6))
  if (bytes.length < PREFIX_BYTES || magic !== '\x93NUMPY') refuse(fileName, 'this is not a .npy file')
  const { data, shape, fortranOrder } = parseContainer(bytes, fileName)
  if (fortranOrder) refuse(fileName, 'its array is in Fortran order')
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) refuse(fileName, 'its header states no valid shape')
  if (data.length !== elementCount(shape)) {
    refuse(fileName, `it holds ${data.length} elements, its shape ${shape.join('x')} needs ${elementCount(shape)}`)
  }
  return { shape, data }
}

function parseContainer(bytes: Uint8Array, fileName: string) {
  try {
    // A copy of its own: npyjs takes whole buffers, and bytes may be a view (`slice` of a Node Buffer always is).
    const { data, shape, fortranOrder } = parse(new Uint8Array(bytes).buffer)
    const isTensorData = readable.includes(dtypeOf(data as TensorData))
    if (isTensorData) return { data: data as TensorData, shape, fortranOrder }
  } catch {
    // Ranges that the file does not have, types that typed arrays do not have: the sentence below says it.
  }
  return refuse(fileName, `it is damaged, or its type is none of ${readable.join(', ')}`)
}

/** The array as a .npy file. @throws RangeError when data and shape disagree */
export function writeNpy({ shape, data }: NpyArray): Uint8Array {
  if (data.length !== elementCount(shape))
    throw new RangeError(`${data.length} elements do not fill ${shape.join('x')}`)
  return new Uint8Array(dump(data, [...shape]))
}

/**
 * Splits an array that holds N samples along its first axis into one array per sample.
 * @param tensor what one sample is; a first dimension of 1 may be the axis of the samples itself
 * @throws UserError when type or shape do not fit
 */
export function samplesOf(
  array: NpyArray,
  tensor: { readonly name: string; readonly shape: readonly number[]; readonly dtype: DType },
  fileName: string,
): TensorData[] {
  const { shape, data } = array
  const dtype = dtypeOf(data)
  if (dtype !== tensor.dtype) refuse(fileName, `it is ${dtype}, "${tensor.name}" is ${tensor.dtype}`)
  const count = shape[0] ?? 0
  const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join()
  const perSample = shape.slice(1)
  const fits = same(perSample, tensor.shape) || (tensor.shape[0] === 1 && same(perSample, tensor.shape.slice(1)))
  if (count < 1 || !fits) {
    const wanted = `Nx${(tensor.shape[0] === 1 ? tensor.shape.slice(1) : tensor.shape).join('x')}`
    refuse(fileName, `its shape is ${shape.join('x')}, "${tensor.name}" needs ${wanted}`)
  }
  const size = elementCount(tensor.shape)
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size))
}
