/** What C functions can be called with. */
import type { Tensor } from './tensor.ts'

/** A tensor that the function may not change; `const int8_t *` in C. */
export interface ReadOnly {
  readonly kind: 'read-only'
  readonly tensor: Tensor
}

/** A C struct, member by member. */
export interface Struct {
  readonly kind: 'struct'
  readonly members: readonly Member[]
}

/** Address of something that the firmware defines. */
export interface SymbolAddress {
  readonly kind: 'symbol'
  readonly name: string
}

/** A pointer to a struct, as a member of another. */
export interface Pointer {
  readonly kind: 'pointer'
  readonly to: Struct
}

/** A float or double, which the soft-float ABI passes as 32 or 64 bits. */
export interface Float {
  readonly kind: 'float'
  readonly bits: 32 | 64
  readonly value: number
}

/**
 * A number is an `int32_t` (or `uint32_t`, or anything smaller), a bigint an `int64_t`; tensors and structs are passed
 * by pointer.
 */
export type Argument = number | bigint | Float | Tensor | ReadOnly | Struct | SymbolAddress

/**
 * A number is an `int32_t`, a bigint an `int64_t`; a typed array stands inside the struct with its elements, so
 * `Int8Array.of(3)` is an `int8_t`; so does a struct. Tensors and `pointer(...)` are pointers.
 */
export type Member = number | bigint | Float | ArrayBufferView | Tensor | ReadOnly | Struct | Pointer | SymbolAddress

/** Reports when the function changes the tensor. */
export const readOnly = (tensor: Tensor): ReadOnly => ({ kind: 'read-only', tensor })
export const struct = (...members: readonly Member[]): Struct => ({ kind: 'struct', members })
export const pointer = (to: Struct): Pointer => ({ kind: 'pointer', to })
export const symbol = (name: string): SymbolAddress => ({ kind: 'symbol', name })
export const float32 = (value: number): Float => ({ kind: 'float', bits: 32, value })
export const float64 = (value: number): Float => ({ kind: 'float', bits: 64, value })

/** The 32 or 64 bits of a scalar; a number stands for 32 of them. */
export function scalarBits(value: number | bigint | Float): number | bigint {
  if (typeof value === 'bigint') {
    if (value < -(1n << 63n) || value >= 1n << 64n) throw new RangeError(`${value} does not fit 64 bits`)
    return BigInt.asUintN(64, value)
  }
  if (typeof value === 'object') {
    const view = new DataView(new ArrayBuffer(8))
    if (value.bits === 32) view.setFloat32(0, value.value)
    else view.setFloat64(0, value.value)
    return value.bits === 32 ? view.getUint32(0) : view.getBigUint64(0)
  }
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) {
    throw new RangeError(`${value} is no 32-bit integer; write a bigint for 64 bits, float32(...) or float64(...)`)
  }
  return value >>> 0
}
