import type { DType, TensorData } from './dtype.ts'
import type { OperatorAttributes, OperatorKind } from './operators.ts'

/** Index of a tensor in its graph's `tensors`. */
export type TensorId = number

/**
 * Affine quantisation: real = scale * (integer - zeroPoint). One scale for the whole tensor, or one per
 * element of dimension `axis`. `scales` hold float32 values; as many zero points as scales.
 */
export interface Quantisation {
  readonly scales: readonly number[]
  readonly zeroPoints: readonly number[]
  readonly axis: number
}

export interface Tensor {
  readonly id: TensorId
  readonly name: string
  /** Every dimension is known and at least 1; a scalar has none. */
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly quantisation?: Quantisation
  /** Present exactly when the tensor is constant. */
  readonly data?: TensorData
  /** Index of the tensor in the model file; absent for tensors that a pass made. */
  readonly origin?: number
}

/** Where an operator came from, for diagnostics and reports. */
export interface OperatorOrigin {
  /** Index of the operator in the model file. */
  readonly index: number
  /** Its name there, e.g. `CONV_2D`. */
  readonly op: string
}

/** One operator, discriminated by `kind`; what its tensors mean stands in `OperatorAttributes`. */
export type Operator<K extends OperatorKind = OperatorKind> = {
  [P in K]: {
    readonly kind: P
    readonly attributes: Readonly<OperatorAttributes[P]>
    readonly inputs: readonly TensorId[]
    readonly outputs: readonly TensorId[]
    readonly origin: OperatorOrigin
  }
}[K]

/** A model: pure data, never changed in place; a pass makes a new one. */
export interface Graph {
  /** File that it was imported from. */
  readonly name: string
  /** `tensors[i].id === i` */
  readonly tensors: readonly Tensor[]
  /** In execution order: every input of an operator is constant, a graph input, or made by an earlier operator. */
  readonly operators: readonly Operator[]
  readonly inputs: readonly TensorId[]
  readonly outputs: readonly TensorId[]
}

/** The tensor with this id; the id must come from the same graph. */
export function tensorOf(graph: Graph, id: TensorId): Tensor {
  const tensor = graph.tensors[id]
  if (tensor === undefined) throw new RangeError(`tensor ${id} is not in the graph`)
  return tensor
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

/** Scale and zero point of a tensor that has one of each; undefined when it is not quantised or is so per channel. */
export function perTensor(tensor: Tensor): { readonly scale: number; readonly zeroPoint: number } | undefined {
  const { scales, zeroPoints } = tensor.quantisation ?? { scales: [], zeroPoints: [] }
  return scales.length === 1 ? { scale: scales[0]!, zeroPoint: zeroPoints[0]! } : undefined
}
