/** Random tensors for property tests with fast-check: they shrink to few elements and to zeros. */
import fc from 'fast-check'
import { type Element, type ElementType, elementTypes, type Tensor, tensor } from './tensor.ts'

export interface ShapeConstraints {
  readonly minRank?: number
  readonly maxRank?: number
  /** Smallest and largest size of a dimension. */
  readonly minSize?: number
  readonly maxSize?: number
}

/** Shapes with 1 to 4 dimensions of 1 to 8, unless asked for others. */
export function shapes(constraints: ShapeConstraints = {}): fc.Arbitrary<number[]> {
  const { minRank = 1, maxRank = 4, minSize = 1, maxSize = 8 } = constraints
  return fc.array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank })
}

export interface TensorConstraints<D extends ElementType> extends ShapeConstraints {
  /** This shape, or one of these. */
  readonly shape?: readonly number[] | fc.Arbitrary<readonly number[]>
  /** Smallest and largest element; default: those of the type. */
  readonly min?: Element<D>
  readonly max?: Element<D>
}

/** Tensors of a type; the extremes of the range come more often than by chance. */
export function tensors<D extends ElementType>(
  dtype: D,
  constraints: TensorConstraints<D> = {},
): fc.Arbitrary<Tensor<D>> {
  const { shape = shapes(constraints) } = constraints
  const sizes = shape instanceof fc.Arbitrary ? shape : fc.constant(shape as readonly number[])
  const element = elements(dtype, constraints) as fc.Arbitrary<Element<D>>
  return sizes.chain((size) => {
    const count = size.reduce((product, one) => product * one, 1)
    return fc.array(element, { minLength: count, maxLength: count }).map((values) => tensor(dtype, size, values))
  })
}

function elements(dtype: ElementType, { min, max }: TensorConstraints<ElementType>): fc.Arbitrary<number | bigint> {
  const given = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
  if (dtype === 'float32') return fc.float({ noNaN: true, ...(given as { min?: number; max?: number }) })
  if (dtype === 'float64') return fc.double({ noNaN: true, ...(given as { min?: number; max?: number }) })
  const bits = BigInt(elementTypes[dtype].BYTES_PER_ELEMENT * 8)
  const signed = dtype.startsWith('int')
  const range = signed
    ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { min: 0n, max: (1n << bits) - 1n }
  if (bits === 64n) return fc.bigInt({ ...range, ...(given as { min?: bigint; max?: bigint }) })
  return fc.integer({ min: Number(range.min), max: Number(range.max), ...(given as { min?: number; max?: number }) })
}
