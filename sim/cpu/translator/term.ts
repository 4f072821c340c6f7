/** Instruction semantics with their operands filled in, simplified, and written as WebAssembly. */
import { binaryOperators, unaryOperators } from '../evaluate.ts'
import type { BinaryOperator, Expression, UnaryOperator } from '../instructions/semantics.ts'
import type { FunctionBody } from './wasm/function-body.ts'
import type { Plain } from './wasm/opcodes.ts'

export type Term =
  | { readonly kind: 'const'; readonly value: number }
  | { readonly kind: 'local'; readonly local: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly a: Term }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly a: Term; readonly b: Term }

/** What stands for the leaves of an expression. */
export interface Leaves {
  readonly rs1: Term
  readonly rs2: Term
  readonly imm: Term
  readonly pc: Term
}

/** Locals that `writeTerm` may overwrite. */
export interface Scratch {
  readonly a: number
  readonly b: number
}

export const constantTerm = (value: number): Term => ({ kind: 'const', value })

/** Fills in the leaves and folds what is constant. */
export function bind(expression: Expression, leaves: Leaves): Term {
  if (expression.kind === 'const') return expression
  if (expression.kind === 'unary') return unaryTerm(expression.operator, bind(expression.a, leaves))
  if (expression.kind !== 'binary') return leaves[expression.kind]
  return binaryTerm(expression.operator, bind(expression.a, leaves), bind(expression.b, leaves))
}

function unaryTerm(operator: UnaryOperator, a: Term): Term {
  return a.kind === 'const' ? constantTerm(unaryOperators[operator](a.value)) : { kind: 'unary', operator, a }
}

/** Operators for which zero on the right changes nothing. */
const ZERO_RIGHT: ReadonlySet<BinaryOperator> = new Set([
  'add',
  'sub',
  'or',
  'xor',
  'shl',
  'shr_s',
  'shr_u',
  'rotl',
  'rotr',
])
/** Operators for which zero on the left changes nothing. */
const ZERO_LEFT: ReadonlySet<BinaryOperator> = new Set(['add', 'or', 'xor'])

export function binaryTerm(operator: BinaryOperator, a: Term, b: Term): Term {
  if (a.kind === 'const' && b.kind === 'const') return constantTerm(binaryOperators[operator](a.value, b.value))
  if (b.kind === 'const' && b.value === 0 && ZERO_RIGHT.has(operator)) return a
  if (a.kind === 'const' && a.value === 0 && ZERO_LEFT.has(operator)) return b
  return { kind: 'binary', operator, a, b }
}

/** Operators that are one WebAssembly instruction. */
const direct: Partial<Record<BinaryOperator, Plain>> = {
  add: 'i32.add',
  sub: 'i32.sub',
  and: 'i32.and',
  or: 'i32.or',
  xor: 'i32.xor',
  shl: 'i32.shl',
  shr_s: 'i32.shr_s',
  shr_u: 'i32.shr_u',
  eq: 'i32.eq',
  ne: 'i32.ne',
  lt_s: 'i32.lt_s',
  lt_u: 'i32.lt_u',
  ge_s: 'i32.ge_s',
  ge_u: 'i32.ge_u',
  mul: 'i32.mul',
  rotl: 'i32.rotl',
  rotr: 'i32.rotr',
}

/** The comparison that picks the left operand of a minimum or maximum. */
const choices: Partial<Record<BinaryOperator, Plain>> = {
  min_s: 'i32.lt_s',
  min_u: 'i32.lt_u',
  max_s: 'i32.gt_s',
  max_u: 'i32.gt_u',
}

/** Whether the high half's operands are signed. */
const highProducts: Partial<Record<BinaryOperator, readonly [a: boolean, b: boolean]>> = {
  mulh: [true, true],
  mulhsu: [true, false],
  mulhu: [false, false],
}

/** Leaves the value of a term on the stack. */
export function writeTerm(body: FunctionBody, term: Term, scratch: Scratch): void {
  if (term.kind === 'const') body.const(term.value)
  else if (term.kind === 'local') body.get(term.local)
  else if (term.kind === 'unary') {
    writeTerm(body, term.a, scratch)
    body.op(`i32.${term.operator}`)
  } else writeBinary(body, term, scratch)
}

/** Leaves zero or not zero on the stack: whether the term is not zero. */
export function writeCondition(body: FunctionBody, term: Term, scratch: Scratch): void {
  const againstZero = term.kind === 'binary' && term.b.kind === 'const' && term.b.value === 0
  if (againstZero && (term.operator === 'ne' || term.operator === 'eq')) {
    writeTerm(body, term.a, scratch)
    if (term.operator === 'eq') body.op('i32.eqz')
  } else writeTerm(body, term, scratch)
}

function writeBinary(body: FunctionBody, { operator, a, b }: Term & { kind: 'binary' }, scratch: Scratch): void {
  const instruction = direct[operator]
  const signs = highProducts[operator]
  if (instruction !== undefined) {
    writeTerm(body, a, scratch)
    writeTerm(body, b, scratch)
    body.op(instruction)
  } else if (signs !== undefined) {
    writeTerm(body, a, scratch)
    body.op(signs[0] ? 'i64.extend_i32_s' : 'i64.extend_i32_u')
    writeTerm(body, b, scratch)
    body.op(signs[1] ? 'i64.extend_i32_s' : 'i64.extend_i32_u')
    body.op('i64.mul')
    body.const64(32)
    body.op('i64.shr_u')
    body.op('i32.wrap_i64')
  } else {
    // Both are on the stack before either is set: writing the other one may use the scratch too.
    writeTerm(body, a, scratch)
    writeTerm(body, b, scratch)
    body.set(scratch.b)
    body.set(scratch.a)
    const chosenBy = choices[operator]
    if (chosenBy !== undefined) writeChoice(body, chosenBy, scratch)
    else writeDivision(body, operator as DivisionOperator, scratch)
  }
}

function writeChoice(body: FunctionBody, comparison: Plain, { a, b }: Scratch): void {
  body.get(a)
  body.get(b)
  body.get(a)
  body.get(b)
  body.op(comparison)
  body.op('select')
}

type DivisionOperator = 'div' | 'divu' | 'rem' | 'remu'

/**
 * Division as RISC-V has it (unprivileged ISA, section 12.2): by zero gives -1 or the dividend. The most negative
 * number by -1, on which WebAssembly would trap, is what negation and zero give.
 */
function writeDivision(body: FunctionBody, operator: DivisionOperator, { a, b }: Scratch): void {
  const remainder = operator === 'rem' || operator === 'remu'
  body.get(b)
  body.if('i32')
  if (operator === 'div' || operator === 'rem') {
    body.get(b)
    body.const(-1)
    body.op('i32.eq')
    body.if('i32')
    body.const(0)
    if (operator === 'div') {
      body.get(a)
      body.op('i32.sub')
    }
    body.else()
    body.get(a)
    body.get(b)
    body.op(operator === 'div' ? 'i32.div_s' : 'i32.rem_s')
    body.end()
  } else {
    body.get(a)
    body.get(b)
    body.op(operator === 'divu' ? 'i32.div_u' : 'i32.rem_u')
  }
  body.else()
  if (remainder) body.get(a)
  else body.const(-1)
  body.end()
}
