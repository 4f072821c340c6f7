import { describe, expect, it } from 'vitest'
import { binaryOperators, evaluate } from '../../../../sim/cpu/evaluate.ts'
import {
  type BinaryOperator,
  constant,
  div,
  type Expression,
  maxS,
  maxU,
  minS,
  minU,
  remu,
  rs1,
  rs2,
} from '../../../../sim/cpu/instructions/semantics.ts'
import { bind, constantTerm, type Leaves, writeCondition, writeTerm } from '../../../../sim/cpu/translator/term.ts'
import { compile } from './compile.ts'

const CORNERS = [0, 1, -1, 2, 31, 32, 33, 0x7fff_ffff, -0x8000_0000, -0x7fff_ffff, 0x1234_5678, -123_456]
const operators = Object.keys(binaryOperators) as BinaryOperator[]
const expression = (operator: BinaryOperator): Expression => ({
  kind: 'binary',
  operator,
  a: { kind: 'rs1' },
  b: { kind: 'rs2' },
})
const locals: Leaves = {
  rs1: { kind: 'local', local: 0 },
  rs2: { kind: 'local', local: 1 },
  imm: constantTerm(0),
  pc: constantTerm(0),
}

describe('terms', () => {
  it.each(operators)('compute %s as the interpreter does, also with a constant on either side', (operator) => {
    const compileWith = (leaves: Leaves, write = writeTerm) =>
      compile(2, (body) => write(body, bind(expression(operator), leaves), { a: body.local(), b: body.local() }))
    const general = compileWith(locals)
    const condition = compileWith(locals, writeCondition)
    for (const b of CORNERS) {
      const right = compileWith({ ...locals, rs2: constantTerm(b) })
      const left = compileWith({ ...locals, rs1: constantTerm(b) })
      for (const a of CORNERS) {
        const expected = binaryOperators[operator](a, b)
        expect(general(a, b)).toBe(expected)
        expect(right(a, 0)).toBe(expected)
        expect(left(0, a)).toBe(binaryOperators[operator](b, a))
        expect(condition(a, b) !== 0).toBe(expected !== 0)
      }
    }
  })

  it('may nest what needs scratch locals', () => {
    const nested = minS(remu(maxU(rs1, rs2), constant(100)), maxS(div(rs1, rs2), minU(rs1, rs2)))
    const run = compile(2, (body) => writeTerm(body, bind(nested, locals), { a: body.local(), b: body.local() }))
    for (const a of CORNERS) {
      for (const b of CORNERS) expect(run(a, b)).toBe(evaluate(nested, { rs1: a, rs2: b, imm: 0, pc: 0 }))
    }
  })

  it('are constants when all their leaves are', () => {
    const leaves = { ...locals, rs1: constantTerm(40), rs2: constantTerm(2) }
    expect(bind(expression('add'), leaves)).toEqual(constantTerm(42))
  })
})
