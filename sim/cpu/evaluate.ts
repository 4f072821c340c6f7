import type { BinaryOperator, Expression, UnaryOperator } from './instructions/semantics.ts'
import { ctz, mulh, mulhsu, mulhu, popcnt } from './interpreter/arithmetic.ts'

/** Values of the leaves of an expression; signed 32-bit words. */
export interface OperandValues {
  readonly rs1: number
  readonly rs2: number
  readonly imm: number
  readonly pc: number
}

/** What the operators mean, on signed 32-bit words. */
export const binaryOperators: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr_s: (a, b) => a >> b,
  shr_u: (a, b) => (a >>> b) | 0,
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  lt_s: (a, b) => Number(a < b),
  lt_u: (a, b) => Number(a >>> 0 < b >>> 0),
  ge_s: (a, b) => Number(a >= b),
  ge_u: (a, b) => Number(a >>> 0 >= b >>> 0),
  mul: (a, b) => Math.imul(a, b),
  mulh,
  mulhu,
  mulhsu,
  div: (a, b) => (b === 0 ? -1 : (a / b) | 0),
  divu: (a, b) => (b === 0 ? -1 : ((a >>> 0) / (b >>> 0)) | 0),
  rem: (a, b) => (b === 0 ? a : (a % b) | 0),
  remu: (a, b) => (b === 0 ? a : ((a >>> 0) % (b >>> 0)) | 0),
  min_s: (a, b) => Math.min(a, b),
  min_u: (a, b) => (a >>> 0 < b >>> 0 ? a : b),
  max_s: (a, b) => Math.max(a, b),
  max_u: (a, b) => (a >>> 0 < b >>> 0 ? b : a),
  rotl: (a, b) => (a << b) | (a >>> -b),
  rotr: (a, b) => (a >>> b) | (a << -b),
}

/** The same for operators of one value. */
export const unaryOperators: Readonly<Record<UnaryOperator, (a: number) => number>> = {
  clz: (a) => Math.clz32(a),
  ctz,
  popcnt,
}

/** Value of an expression, a signed 32-bit word. */
export function evaluate(expression: Expression, operands: OperandValues): number {
  switch (expression.kind) {
    case 'const':
      return expression.value
    case 'unary':
      return unaryOperators[expression.operator](evaluate(expression.a, operands))
    case 'binary':
      return binaryOperators[expression.operator](evaluate(expression.a, operands), evaluate(expression.b, operands))
    default:
      return operands[expression.kind]
  }
}
