/** Element types that a tensor can have. What each operator accepts is said by the operator. */
export const dtypes = {
  int8: { bytes: 1, array: Int8Array },
  uint8: { bytes: 1, array: Uint8Array },
  int16: { bytes: 2, array: Int16Array },
  int32: { bytes: 4, array: Int32Array },
  int64: { bytes: 8, array: BigInt64Array },
  float32: { bytes: 4, array: Float32Array },
} as const

export type DType = keyof typeof dtypes

/** The elements of a tensor, row-major (the last dimension is contiguous). */
export type TensorData = Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array

/** Zero-filled storage for `count` elements. */
export function allocate(dtype: DType, count: number): TensorData {
  return new dtypes[dtype].array(count)
}

/** The element type that a typed array stores. */
export function dtypeOf(data: TensorData): DType {
  for (const [name, row] of Object.entries(dtypes)) if (data instanceof row.array) return name as DType
  throw new TypeError('not the data of a tensor')
}
