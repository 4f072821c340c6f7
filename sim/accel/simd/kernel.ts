/**
 * A small language for kernels in WebAssembly SIMD: expressions are values that know how to write
 * themselves, statements are methods that write at once. A kernel takes i32 parameters, returns nothing.
 */
import { ByteWriter } from '../../cpu/translator/wasm/byte-writer.ts'
import { access, control, EMPTY, I32, I32_CONST, plain, variable } from '../../cpu/translator/wasm/opcodes.ts'
import {
  I8X16_SHUFFLE,
  I32X4_EXTRACT_LANE,
  SIMD_PREFIX,
  V128,
  V128_CONST,
  V128_STORE,
  V128_STORE32_LANE,
  type VectorLoad,
  type VectorOp,
  vectorLoads,
  vectorOps,
} from './opcodes.ts'

type Kind = 'i32' | 'v128'
export interface Expression<K extends Kind> {
  readonly kind: K
  write(code: ByteWriter): void
}
export type Scalar = Expression<'i32'>
export type Vector = Expression<'v128'>
type AnyScalar = Scalar | number

/** A local variable; as an expression, its value. */
export interface Variable<K extends Kind> extends Expression<K> {
  readonly index: number
}

/** i32 operations of two operands. */
type ScalarOp = 'add' | 'sub' | 'mul' | 'shl' | 'shr_s' | 'shr_u' | 'and' | 'gt_s' | 'lt_s'

function simd(code: ByteWriter, opcode: number): void {
  code.byte(SIMD_PREFIX)
  code.unsigned(opcode)
}

const scalarOf = (value: AnyScalar): Scalar =>
  typeof value !== 'number'
    ? value
    : {
        kind: 'i32',
        write(code) {
          code.byte(I32_CONST)
          code.signed(value)
        },
      }

/** An i32 operation. */
export function scalar(name: ScalarOp, a: AnyScalar, b: AnyScalar): Scalar {
  return {
    kind: 'i32',
    write(code) {
      scalarOf(a).write(code)
      scalarOf(b).write(code)
      code.byte(plain[`i32.${name}`])
    },
  }
}

/** A vector operation on vectors, or on a vector and a shift, or the splat of a scalar. */
export function vector(name: VectorOp, ...operands: readonly (Vector | AnyScalar)[]): Vector {
  return {
    kind: 'v128',
    write(code) {
      for (const operand of operands) (typeof operand === 'number' ? scalarOf(operand) : operand).write(code)
      simd(code, vectorOps[name])
    },
  }
}

/** Bytes of `a` (0 to 15) and `b` (16 to 31) in the given order. */
export function shuffle(a: Vector, b: Vector, bytes: readonly number[]): Vector {
  return {
    kind: 'v128',
    write(code) {
      a.write(code)
      b.write(code)
      simd(code, I8X16_SHUFFLE)
      code.append(bytes)
    },
  }
}

/** A vector of four equal int32. */
export function constant(value: number): Vector {
  return {
    kind: 'v128',
    write(code) {
      simd(code, V128_CONST)
      code.append(new Uint8Array(Int32Array.of(value, value, value, value).buffer))
    },
  }
}

/** An int32 lane of a vector. */
export function lane(from: Vector, index: number): Scalar {
  return {
    kind: 'i32',
    write(code) {
      from.write(code)
      simd(code, I32X4_EXTRACT_LANE)
      code.byte(index)
    },
  }
}

export function load(address: Scalar, offset = 0): Scalar {
  return {
    kind: 'i32',
    write(code) {
      address.write(code)
      code.byte(access['i32.load'])
      code.unsigned(2)
      code.unsigned(offset)
    },
  }
}

export function loadVector(name: VectorLoad, address: Scalar, offset = 0): Vector {
  return {
    kind: 'v128',
    write(code) {
      address.write(code)
      simd(code, vectorLoads[name].code)
      code.unsigned(vectorLoads[name].alignment)
      code.unsigned(offset)
    },
  }
}

/** Writes the body of one kernel. */
export class Kernel {
  private readonly code = new ByteWriter()
  private readonly kinds: Kind[] = []
  private readonly parameterCount: number

  constructor(parameters: number) {
    this.parameterCount = parameters
  }

  parameter(index: number): Variable<'i32'> {
    return variableAt('i32', index)
  }

  /** A new variable with this value, or to be set later. */
  scalar(value?: AnyScalar): Variable<'i32'> {
    const made = variableAt('i32', this.declare('i32'))
    if (value !== undefined) this.set(made, value)
    return made
  }

  /** A new variable with this value, or to be set later. */
  vector(value?: Vector): Variable<'v128'> {
    const made = variableAt('v128', this.declare('v128'))
    if (value !== undefined) this.set(made, value)
    return made
  }

  set<K extends Kind>(to: Variable<K>, value: Expression<K> | (K extends 'i32' ? number : never)): void {
    ;(typeof value === 'number' ? scalarOf(value) : value).write(this.code)
    this.code.byte(variable.set)
    this.code.unsigned(to.index)
  }

  increase(what: Variable<'i32'>, by: AnyScalar): void {
    this.set(what, scalar('add', what, by))
  }

  storeVector(address: Scalar, value: Vector, offset = 0): void {
    address.write(this.code)
    value.write(this.code)
    simd(this.code, V128_STORE)
    this.code.unsigned(4)
    this.code.unsigned(offset)
  }

  /** Stores the first four bytes of a vector. */
  storeFour(address: Scalar, value: Vector): void {
    address.write(this.code)
    value.write(this.code)
    simd(this.code, V128_STORE32_LANE)
    this.code.append([2, 0, 0])
  }

  storeByte(address: Scalar, value: Scalar): void {
    address.write(this.code)
    value.write(this.code)
    this.code.byte(access['i32.store8'])
    this.code.append([0, 0])
  }

  /** Runs `body` as often as `count` says, at least once; `count` is zero afterwards. */
  repeat(count: Variable<'i32'>, body: () => void): void {
    this.doWhile(body, () => {
      this.increase(count, -1)
      return count
    })
  }

  /** Runs `body`, then again as long as what `condition` gives is not zero. */
  doWhile(body: () => void, condition: () => Scalar): void {
    this.code.append([control.loop, EMPTY])
    body()
    condition().write(this.code)
    this.code.append([control.br_if, 0, plain.end])
  }

  if(condition: Scalar, then: () => void, otherwise?: () => void): void {
    condition.write(this.code)
    this.code.append([control.if, EMPTY])
    then()
    if (otherwise !== undefined) {
      this.code.byte(plain.else)
      otherwise()
    }
    this.code.byte(plain.end)
  }

  /** An entry of the code section, without its size. */
  finish(): Uint8Array {
    const out = new ByteWriter()
    out.unsigned(this.kinds.length)
    for (const kind of this.kinds) out.append([1, kind === 'i32' ? I32 : V128])
    out.append(this.code.bytes)
    out.byte(plain.end)
    return out.bytes
  }

  private declare(kind: Kind): number {
    return this.parameterCount + this.kinds.push(kind) - 1
  }
}

function variableAt<K extends Kind>(kind: K, index: number): Variable<K> {
  return {
    kind,
    index,
    write(code) {
      code.byte(variable.get)
      code.unsigned(index)
    },
  }
}
