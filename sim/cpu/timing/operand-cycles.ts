/** Cycles that depend on operand values: what a timing model says of a row, worked out for both engines. */
import { binaryOperators, unaryOperators } from '../evaluate.ts'
import type { Expression } from '../instructions/semantics.ts'
import { instructionTable } from '../instructions/table.ts'
import { OPCODE_STEP, opcodeOf } from '../interpreter/opcodes.ts'
import type { TimingModel } from './timing-model.ts'
import { largestValue } from './value-range.ts'

/** Most cycles that the operands of one instruction may add to it. */
const MOST_CYCLES = 255

type OperandFunction = (a: number, b: number) => number

export interface OperandCycles {
  /** Of `rs1` and `rs2`: the translator writes it into the code. */
  readonly expression: Expression
  /** The same for the interpreters: cycles for the values a (rs1) and b (rs2), signed. */
  readonly of: OperandFunction
  /** No more cycles than this come of it. */
  readonly most: number
}

/**
 * The cycles that operands add, by index in the instruction table; undefined for rows whose operands do not matter.
 *
 * @throws TypeError when the model prices a row that has no such price, or by anything but 0 to 255 cycles of rs1 and rs2
 */
export function operandCyclesOf(model: TimingModel): readonly (OperandCycles | undefined)[] {
  return instructionTable.map((row, index) => {
    const expression = model.operandCycles?.(row)
    if (expression === undefined) return undefined
    const most = largestValue(expression)
    if (most > MOST_CYCLES) throw new TypeError(`${model.name}: operands of ${row.name} may add ${most} cycles`)
    if (opcodeOf(index, 4, true) === OPCODE_STEP)
      throw new TypeError(`${model.name}: operands of ${row.name} add nothing`)
    return { expression, of: functionOf(expression), most }
  })
}

function functionOf(expression: Expression): OperandFunction {
  switch (expression.kind) {
    case 'rs1':
      return (a) => a
    case 'rs2':
      return (_a, b) => b
    case 'const': {
      const { value } = expression
      return () => value
    }
    case 'unary': {
      const operator = unaryOperators[expression.operator]
      const value = functionOf(expression.a)
      return (a, b) => operator(value(a, b))
    }
    case 'binary': {
      const operator = binaryOperators[expression.operator]
      const [left, right] = [functionOf(expression.a), functionOf(expression.b)]
      return (a, b) => operator(left(a, b), right(a, b))
    }
    default:
      throw new TypeError(`${expression.kind} is no operand value`)
  }
}
