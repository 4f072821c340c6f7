import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../../sim/cpu/evaluate.ts'
import {
  add,
  and,
  clz,
  constant,
  ctz,
  type Expression,
  imm,
  ltS,
  maxS,
  minS,
  mul,
  ne,
  rs1,
  rs2,
  shl,
  shrS,
  shrU,
  sub,
  xor,
} from '../../../../sim/cpu/instructions/semantics.ts'
import { instructionTable } from '../../../../sim/cpu/instructions/table.ts'
import { ideal } from '../../../../sim/cpu/timing/ideal.ts'
import { operandCyclesOf } from '../../../../sim/cpu/timing/operand-cycles.ts'
import type { TimingModel } from '../../../../sim/cpu/timing/timing-model.ts'

const CORNERS = [0, 1, -1, 2, -2, 3, 31, 32, 255, 256, 0xffff, 0x7fff_ffff, -0x8000_0000, -0x7fff_ffff]

/** A model in which the operands of the row called `name` add what the expression says. */
const pricing = (name: string, cycles: Expression): TimingModel => ({
  ...ideal,
  name: 'mine',
  operandCycles: (row) => (row.name === name ? cycles : undefined),
})

const priceOf = (name: string, cycles: Expression) =>
  operandCyclesOf(pricing(name, cycles))[instructionTable.findIndex((row) => row.name === name)]!

const c = constant
const magnitude = sub(xor(rs2, shrS(rs2, c(31))), shrS(rs2, c(31)))

const prices: readonly (readonly [what: string, cycles: Expression, most: number])[] = [
  ['a zero divisor', mul(ne(rs2, c(0)), c(35)), 35],
  ['the bits of the divisor', sub(c(32), clz(rs2)), 32],
  ['the bits of its magnitude', sub(c(32), clz(magnitude)), 32],
  ['signs', add(ltS(rs1, c(0)), ltS(rs2, c(0))), 2],
  ['bits beyond others', maxS(sub(clz(rs2), clz(rs1)), c(0)), 32],
  ['bits, but not too many', minS(ctz(rs1), c(7)), 7],
  ['steps of four and of one', add(shrU(and(rs2, c(31)), c(2)), and(rs2, c(3))), 10],
  ['the top of a word', shrU(rs1, c(28)), 15],
  ['fewer when negative', sub(c(9), mul(ltS(rs1, c(0)), c(4))), 9],
]

describe('cycles by operands', () => {
  it.each(prices)('may depend on %s', (_what, cycles, most) => {
    const price = priceOf('divu', cycles)
    expect(price.most).toBe(most)
    for (const a of CORNERS) {
      for (const b of CORNERS) {
        const expected = evaluate(cycles, { rs1: a, rs2: b, imm: 0, pc: 0 })
        expect(price.of(a, b)).toBe(expected)
        expect(expected).toBeLessThanOrEqual(most)
      }
    }
  })

  it.each([
    ['a value that may be any word', rs1],
    ['a value that is shifted by nothing', shrU(rs1, c(32))],
    ['bits that may be shifted out at the top', shl(and(rs1, c(1)), rs2)],
    ['a product that may overflow', mul(mul(clz(rs1), c(0x800_0000)), clz(rs2))],
    ['more cycles than can be looked ahead', mul(clz(rs2), c(8))],
  ])('must not be %s', (_what, cycles) => {
    expect(() => priceOf('div', cycles)).toThrow(TypeError)
  })

  it('are refused for rows that the engines do not ask about, and of what is no operand', () => {
    expect(() => priceOf('addi', c(1))).toThrow('mine: operands of addi add nothing')
    expect(() => priceOf('div', and(imm, c(1)))).toThrow('imm is no operand value')
  })
})
