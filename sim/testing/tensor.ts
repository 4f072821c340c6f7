/** Arrays with a shape, as kernels take and fill them: row-major, the last dimension is contiguous. */

/** Element types and the typed arrays that hold them. */
export const elementTypes = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

export type ElementType = keyof typeof elementTypes
/** The typed array of an element type. */
type Elements<D extends ElementType = ElementType> = InstanceType<(typeof elementTypes)[D]>
/** What one element is in TypeScript. */
export type Element<D extends ElementType> = D extends 'int64' | 'uint64' ? bigint : number

export interface Tensor<D extends ElementType = ElementType> {
  readonly kind: 'tensor'
  readonly dtype: D
  readonly shape: readonly number[]
  readonly data: Elements<D>
}

/**
 * A tensor with these values, or zeros.
 *
 * @param values row-major, as many as the shape has elements
 * @throws TypeError when there is no such type
 * @throws RangeError when their number is another or one does not fit the type
 */
export function tensor<D extends ElementType>(
  dtype: D,
  shape: readonly number[],
  values?: ArrayLike<Element<D>>,
): Tensor<D> {
  if (!Object.hasOwn(elementTypes, dtype)) {
    throw new TypeError(`there is no element type ${dtype}; choose one of ${Object.keys(elementTypes).join(', ')}`)
  }
  const count = shape.reduce((product, size) => product * size, 1)
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new RangeError(`[${shape}] is no shape`)
  const data = new elementTypes[dtype](count) as Elements<D>
  if (values === undefined) return { kind: 'tensor', dtype, shape, data }
  if (values.length !== count) throw new RangeError(`[${shape}] has ${count} elements, ${values.length} are given`)
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    data[i] = value
    const whole = dtype !== 'float32' && dtype !== 'float64'
    if (whole && data[i] !== value) throw new RangeError(`element ${i} is ${value}, which is no ${dtype}`)
  }
  return { kind: 'tensor', dtype, shape, data }
}

/** The bytes of typed data, shared with it. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** A tensor of the same type and shape that holds these bytes. */
export function withBytes<D extends ElementType>({ dtype, shape }: Tensor<D>, bytes: Uint8Array): Tensor<D> {
  const filled = tensor(dtype, shape)
  bytesOf(filled.data).set(bytes)
  return filled
}

/** Coordinates of the element at `index`. */
export function coordinates(shape: readonly number[], index: number): number[] {
  const result: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    result.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return result
}

/** `int8 [1, 8, 8, 16]` */
export function describeTensor({ dtype, shape }: Tensor): string {
  return `${dtype} [${shape.join(', ')}]`
}
