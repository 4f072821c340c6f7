/** Writes the interpreter's cases as TypeScript text from the instruction rows. */
import type { BinaryOperator, Effect, Expression, UnaryOperator } from '../instructions/semantics.ts'
import { instructionTable } from '../instructions/table.ts'
import type { Variant } from './opcodes.ts'

const RD = 'x[(w >> 8) & 63]'
const RS1 = 'x[(w >> 14) & 31]!'
const RS2 = 'x[(w >> 19) & 31]!'
const IMM = 'code[i + 1]!'
const PC = '(base + (i >> 1))'
const TAKEN = '(code[i + 2]! & 0xffff)'

/** A condition as an `if` takes it, for the operators that give 0 or 1. */
const conditions: Partial<Record<BinaryOperator, (a: string, b: string) => string>> = {
  eq: (a, b) => `${a} === ${b}`,
  ne: (a, b) => `${a} !== ${b}`,
  lt_s: (a, b) => `${a} < ${b}`,
  ge_s: (a, b) => `${a} >= ${b}`,
  lt_u: (a, b) => `${a} >>> 0 < ${b} >>> 0`,
  ge_u: (a, b) => `${a} >>> 0 >= ${b} >>> 0`,
}

const arithmetic: Partial<Record<BinaryOperator, (a: string, b: string) => string>> = {
  add: (a, b) => `(${a} + ${b}) | 0`,
  sub: (a, b) => `(${a} - ${b}) | 0`,
  and: (a, b) => `${a} & ${b}`,
  or: (a, b) => `${a} | ${b}`,
  xor: (a, b) => `${a} ^ ${b}`,
  shl: (a, b) => `${a} << ${b}`,
  shr_s: (a, b) => `${a} >> ${b}`,
  shr_u: (a, b) => `${a} >>> ${b}`,
  mul: (a, b) => `Math.imul(${a}, ${b})`,
  mulh: (a, b) => `mulh(${a}, ${b})`,
  mulhu: (a, b) => `mulhu(${a}, ${b})`,
  mulhsu: (a, b) => `mulhsu(${a}, ${b})`,
  div: (a, b) => `${b} === 0 ? -1 : (${a} / ${b}) | 0`,
  divu: (a, b) => `${b} === 0 ? -1 : ((${a} >>> 0) / (${b} >>> 0)) | 0`,
  rem: (a, b) => `${b} === 0 ? ${a} : (${a} % ${b}) | 0`,
  remu: (a, b) => `${b} === 0 ? ${a} : ((${a} >>> 0) % (${b} >>> 0)) | 0`,
  min_s: (a, b) => `Math.min(${a}, ${b})`,
  min_u: (a, b) => `${a} >>> 0 < ${b} >>> 0 ? ${a} : ${b}`,
  max_s: (a, b) => `Math.max(${a}, ${b})`,
  max_u: (a, b) => `${a} >>> 0 < ${b} >>> 0 ? ${b} : ${a}`,
  rotl: (a, b) => `(${a} << ${b}) | (${a} >>> -${b})`,
  rotr: (a, b) => `(${a} >>> ${b}) | (${a} << -${b})`,
}

const functions: Readonly<Record<UnaryOperator, string>> = { clz: 'Math.clz32', ctz: 'ctz', popcnt: 'popcnt' }

/** The text of an expression, to be put in parentheses where it is an operand. */
function emitExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'rs1':
      return RS1
    case 'rs2':
      return RS2
    case 'imm':
      return IMM
    case 'pc':
      return PC
    case 'const':
      return String(expression.value)
    case 'unary':
      return `${functions[expression.operator]}(${emitExpression(expression.a)})`
    case 'binary': {
      const a = operand(expression.a)
      const b = operand(expression.b)
      const condition = conditions[expression.operator]
      return condition === undefined ? arithmetic[expression.operator]!(a, b) : `${condition(a, b)} ? 1 : 0`
    }
  }
}

function operand(expression: Expression): string {
  const text = emitExpression(expression)
  return expression.kind === 'binary' ? `(${text})` : text
}

function emitCondition(expression: Expression): string {
  const condition = expression.kind === 'binary' ? conditions[expression.operator] : undefined
  if (expression.kind !== 'binary' || condition === undefined) return `(${emitExpression(expression)}) !== 0`
  return condition(operand(expression.a), operand(expression.b))
}

/** Where a value of so many bytes lies: array, index from a byte offset (out of range when misaligned), and how to check it. */
const accesses = {
  1: {
    index: 'offset >>> 0',
    limit: 'ramBytes',
    element: 'bytes',
    signed: (v: string) => `(${v} << 24) >> 24`,
    lineShift: 6,
  },
  2: {
    index: '((offset >>> 1) | (offset << 31)) >>> 0',
    limit: 'ramHalves',
    element: 'halves',
    signed: (v: string) => `(${v} << 16) >> 16`,
    lineShift: 5,
  },
  4: {
    index: '((offset >>> 2) | (offset << 30)) >>> 0',
    limit: 'ramWords',
    element: 'words',
    signed: (v: string) => v,
    lineShift: 4,
  },
} as const

function emitOffset(address: Expression): string {
  const sum = address.kind === 'binary' && address.operator === 'add' ? address : undefined
  const text = sum === undefined ? emitExpression(address) : `${operand(sum.a)} + ${operand(sum.b)}`
  return `const offset = (${text} - ramBase) | 0`
}

/**
 * What the observed interpreter does beyond the plain one: asks whether a line may be accessed, and counts events.
 * Without rights for the whole line the stepper decides.
 */
const denied = (right: 'READ' | 'WRITE', lineShift: number) =>
  `if ((dataLines[index >>> ${lineShift}]! & PMP_${right}) === 0) break fast`

/** Which interpreter a case is for: the plain one, one that asks for rights and counts events, one that logs. */
export type Flavour = 'plain' | 'observed' | 'recording'

/** Ends the log's entry of an instruction; slots say 32 for x0, whose value is 0. */
export const logged = ['const d = (w >> 8) & 31', 'destination[n] = d', 'result[n] = x[d]!', 'n++']

const LOGGED_ADDRESS = 'address[n] = offset + ramBase'

/** Statements of one case, without its ending. `next` is how far the next instruction's slot is. */
function emitEffect(effect: Effect, variant: Variant, flavour: Flavour): string[] {
  const only = (statement: string) => (flavour === 'observed' ? [statement] : [])
  const log = (...statements: string[]) => (flavour === 'recording' ? statements : [])
  const next = `i += ${variant.length * 2}`
  switch (effect.kind) {
    case 'set':
      return [`${RD} = ${emitExpression(effect.value)}`, next]
    case 'load': {
      const { index, limit, element, signed, lineShift } = accesses[effect.width.bytes]
      const value = `${element}[index]!`
      return [
        emitOffset(effect.address),
        `const index = ${index}`,
        `if (index >= ${limit}) break fast`,
        ...only(denied('READ', lineShift)),
        `${RD} = ${effect.width.signed ? signed(value) : value}`,
        'cycles += stall',
        'accesses++',
        ...only('loads++'),
        ...log(`access[n] = ACCESS_LOAD | ${effect.width.bytes}`, LOGGED_ADDRESS),
        next,
      ]
    }
    case 'store': {
      const { index, limit, element, lineShift } = accesses[effect.bytes]
      return [
        emitOffset(effect.address),
        `const index = ${index}`,
        `if (index >= ${limit} || lineFlags[index >>> ${lineShift}] !== 0) break fast`,
        ...only(denied('WRITE', lineShift)),
        `${element}[index] = ${emitExpression(effect.value)}`,
        'cycles += stall',
        'accesses++',
        ...only('stores++'),
        ...log(`access[n] = ACCESS_STORE | ${effect.bytes}`, LOGGED_ADDRESS, `stored[n] = ${element}[index]!`),
        next,
      ]
    }
    case 'branch':
      return [
        `if (${emitCondition(effect.condition)}) {`,
        `  const to = i + ${IMM}`,
        '  if ((to & misaligned) !== 0) break fast',
        `  cycles += ${TAKEN}`,
        ...only('  branches++'),
        ...only('  taken++'),
        ...leaveBlock('to >>> 0 >= BLOCK_WORDS', 'base + (to >> 1)', flavour).map((line) => `  ${line}`),
        '  i = to',
        '} else {',
        ...only('  branches++'),
        `  ${next}`,
        '}',
      ]
    case 'jump':
      return effect.target.kind === 'binary' && effect.target.a.kind === 'pc'
        ? emitDirectJump(variant, flavour)
        : emitIndirectJump(effect.target, variant, flavour)
    case 'system':
      return [next]
    case 'atomic':
      throw new TypeError(`${variant.row.name} has no fast case`)
  }
}

/** Goes on at `pc` in another block when `far` holds; the instruction is counted here, as the loop's end is not reached. */
function leaveBlock(far: string, pc: string, flavour: Flavour): string[] {
  const log = flavour === 'recording' ? logged : []
  const end = ['cycles += w >>> 24', 'instructions++', ...log, 'continue run']
  return [`if (${far}) {`, `  pc = ${pc}`, ...end.map((line) => `  ${line}`), '}']
}

function emitDirectJump(variant: Variant, flavour: Flavour): string[] {
  return [
    `const to = i + ${IMM}`,
    'if ((to & misaligned) !== 0) break fast',
    `${RD} = ${PC} + ${variant.length}`,
    ...leaveBlock('to >>> 0 >= BLOCK_WORDS', 'base + (to >> 1)', flavour),
    'i = to',
  ]
}

function emitIndirectJump(target: Expression, variant: Variant, flavour: Flavour): string[] {
  return [
    `const target = (${emitExpression(target)}) & ~1`,
    'const to = (target - base) << 1',
    'if ((to & misaligned) !== 0) break fast',
    `${RD} = ${PC} + ${variant.length}`,
    'if (hasEntryCycles) cycles += hart.code.entryCycles(target)',
    ...leaveBlock('(target - base) >>> 0 >= BLOCK_BYTES', 'target', flavour),
    'i = to',
  ]
}

/** One `case` of the interpreter's switch. */
export function emitCase(opcode: number, variant: Variant, flavour: Flavour): string {
  const { row, length, byOperands } = variant
  const note = `${length === 2 ? ', 16 bits' : ''}${byOperands ? ', cycles by operands' : ''}`
  const timed = byOperands ? [`cycles += operandCycles[${instructionTable.indexOf(row)}]!.of(${RS1}, ${RS2})`] : []
  const statements = [...timed, ...emitEffect(row.effect, variant, flavour), 'break']
  return [`case ${opcode}: { // ${row.name}${note}`, ...statements.map((line) => `  ${line}`), '}'].join('\n')
}
