/** What C functions can be called with. */
import { type Tensor, tensor } from './tensor.ts'

/** A tensor that the function may not change; `const int8_t *` in C. */
export interface ReadOnly {
  readonly kind: 'read-only'
  readonly tensor: Tensor
}

/** A C struct, member by member. */
export interface Struct {
  readonly kind: 'struct'
  readonly members: readonly Part[]
}

/** Members by name, in the order in which C declares them; the names are for the reader. */
interface Members {
  readonly [name: string]: Member
}

/** Address of an element of a tensor. */
export interface ElementAddress {
  readonly kind: 'element'
  readonly tensor: Tensor | ReadOnly
  readonly index: number
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

/** What is passed by its address. */
type Addressed = Tensor | ReadOnly | ElementAddress | SymbolAddress

/**
 * A number is an `int32_t` (or `uint32_t`, or anything smaller), a bigint an `int64_t`, a string a `const char *`; tensors
 * and structs are passed by pointer.
 */
export type Argument = number | bigint | string | Float | Addressed | Struct

/** What a struct is made of. */
export type Part = number | bigint | Float | ArrayBufferView | Addressed | Struct | Pointer

/**
 * A number is an `int32_t`, a bigint an `int64_t`; a typed array stands inside the struct with its elements, so
 * `Int8Array.of(3)` is an `int8_t`; so do arrays, structs and objects. Tensors, strings and `pointer(...)` are pointers.
 */
export type Member = Part | string | Members | readonly Member[]

/** Reports when the function changes the tensor. */
export const readOnly = (tensor: Tensor): ReadOnly => ({ kind: 'read-only', tensor })
/** Checks an object member by member; interfaces have no index signature, so `Members` alone would refuse them. */
type MembersOf<T> = { readonly [K in keyof T]: MemberOf<T[K]> }
type MemberOf<T> = T extends Part | string ? T : T extends object ? MembersOf<T> : never

/** `struct({ rows: 2, size: 3 })`, or without names: `struct(2, 3)`. */
export function struct<T extends object>(members: MembersOf<T>): Struct
export function struct(...members: readonly Member[]): Struct
export function struct(...members: readonly Member[]): Struct {
  const [only] = members
  return { kind: 'struct', members: parts(members.length === 1 && isMembers(only!) ? only : members) }
}
export const pointer = (to: Struct): Pointer => ({ kind: 'pointer', to })
/** `&tensor[index]`, counting in elements. @throws RangeError when it lies neither in the tensor nor at its end */
export function at(of: Tensor | ReadOnly, index: number): ElementAddress {
  const { data } = of.kind === 'tensor' ? of : of.tensor
  if (!Number.isInteger(index) || index < 0 || index > data.length)
    throw new RangeError(`a tensor of ${data.length} elements has no element ${index}`)
  return { kind: 'element', tensor: of, index }
}
export const symbol = (name: string): SymbolAddress => ({ kind: 'symbol', name })
export const float32 = (value: number): Float => ({ kind: 'float', bits: 32, value })
export const float64 = (value: number): Float => ({ kind: 'float', bits: 64, value })

const parts = (members: Members | readonly Member[]): Part[] => Object.values(members).map(part)

function part(member: Member): Part {
  if (typeof member === 'string') return text(member)
  return isMembers(member) ? { kind: 'struct', members: parts(member) } : member
}

/** Whether it is an array or an object of members: both lie in memory as a struct does. */
function isMembers(member: Member): member is Members | readonly Member[] {
  return typeof member === 'object' && !ArrayBuffer.isView(member) && !('kind' in member)
}

/** The bytes of a string in UTF-8 with the zero at its end. */
export function text(string: string): ReadOnly {
  const bytes = new TextEncoder().encode(`${string}\0`)
  return readOnly(tensor('uint8', [bytes.length], bytes))
}

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
