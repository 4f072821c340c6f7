import { binaryOperators } from '../evaluate.ts'
import type { BinaryOperator, Expression } from '../instructions/semantics.ts'

/** Bounds of a signed 32-bit value, both included. */
interface Range {
  readonly low: number
  readonly high: number
}

const anything: Range = { low: -0x8000_0000, high: 0x7fff_ffff }
const truth: Range = { low: 0, high: 1 }
const bitCount: Range = { low: 0, high: 32 }

/** No value of the expression is larger than this, whatever its leaves are. It is not always reached. */
export function largestValue(expression: Expression): number {
  return rangeOf(expression).high
}

function rangeOf(expression: Expression): Range {
  if (expression.kind === 'const') return { low: expression.value, high: expression.value }
  if (expression.kind === 'unary') return bitCount
  if (expression.kind !== 'binary') return anything
  return binaryRange(expression.operator, rangeOf(expression.a), rangeOf(expression.b))
}

const comparisons: ReadonlySet<BinaryOperator> = new Set(['eq', 'ne', 'lt_s', 'lt_u', 'ge_s', 'ge_u'])
/** Operators whose extremes are among those of their operands' extremes, unless they overflow. */
const plain: Partial<Record<BinaryOperator, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  min_s: Math.min,
  max_s: Math.max,
}

function binaryRange(operator: BinaryOperator, a: Range, b: Range): Range {
  if (comparisons.has(operator)) return truth
  const corners = plain[operator]
  if (corners !== undefined) return spanOf([a.low, a.high].flatMap((x) => [corners(x, b.low), corners(x, b.high)]))
  if (operator === 'and') {
    const bounds = [a, b].filter(({ low }) => low >= 0).map(({ high }) => high)
    return bounds.length === 0 ? anything : { low: 0, high: Math.min(...bounds) }
  }
  if (operator === 'shr_u' && b.low === b.high) {
    if ((b.low & 31) === 0) return a
    const shifted = (value: number) => binaryOperators.shr_u(value, b.low)
    // A negative number is a large one here.
    return spanOf(a.low >= 0 ? [shifted(a.low), shifted(a.high)] : [0, shifted(-1)])
  }
  return anything
}

function spanOf(values: readonly number[]): Range {
  const range = { low: Math.min(...values), high: Math.max(...values) }
  return range.low < anything.low || range.high > anything.high ? anything : range
}
