import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isBranchOpen, type Operand, resultOf } from '../../../sim/sanitize/undefined-bits.ts'

const big = (value: number, unsigned: boolean) => BigInt(unsigned ? value >>> 0 : value | 0)
const upper = (value: bigint) => Number(BigInt.asIntN(32, value >> 32n))

/** What the instructions do, from their definitions. */
const instructions: Readonly<Record<string, (a: number, b: number) => number>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  andn: (a, b) => a & ~b,
  orn: (a, b) => a | ~b,
  xnor: (a, b) => ~(a ^ b),
  sll: (a, b) => a << b,
  srl: (a, b) => a >>> b,
  sra: (a, b) => a >> b,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => Math.imul(a, b),
  mulh: (a, b) => upper(big(a, false) * big(b, false)),
  mulhu: (a, b) => upper(big(a, true) * big(b, true)),
  mulhsu: (a, b) => upper(big(a, false) * big(b, true)),
  slt: (a, b) => Number(a < b),
  sltu: (a, b) => Number(a >>> 0 < b >>> 0),
}
const branches: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  beq: (a, b) => a === b,
  bne: (a, b) => a !== b,
  blt: (a, b) => a < b,
  bge: (a, b) => a >= b,
  bltu: (a, b) => a >>> 0 < b >>> 0,
  bgeu: (a, b) => a >>> 0 >= b >>> 0,
}

const word = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 0xff, 0x80000000 | 0))
const operand = fc.record({ value: word, bits: word })
/** What else the operand may be. */
const other = ({ value, bits }: Operand, junk: number) => (value & ~bits) | (junk & bits)

it.each(Object.entries(instructions))('%s depends on no bit that is not in its mask', (name, compute) => {
  fc.assert(
    fc.property(operand, operand, word, word, (a, b, junkA, junkB) => {
      const { bits } = resultOf(name, a, b)!
      const changed = compute(a.value, b.value) ^ compute(other(a, junkA), other(b, junkB))
      expect(changed & ~bits).toBe(0)
    }),
  )
})

it.each(['and', 'or', 'xor', 'andn', 'orn', 'xnor', 'sll', 'srl', 'sra'])(
  '%s leaves no bit in its mask that stays',
  (name) => {
    fc.assert(
      fc.property(operand, word, (a, value) => {
        const compute = instructions[name]!
        const { bits } = resultOf(name, a, { value, bits: 0 })!
        const changed = compute(other(a, 0), value) ^ compute(other(a, -1), value)
        expect(changed).toBe(bits | 0)
      }),
    )
  },
)

it.each(Object.entries(branches))('%s is open where bits decide', (name, taken) => {
  fc.assert(
    fc.property(operand, operand, word, word, (a, b, junkA, junkB) => {
      const differs = taken(a.value, b.value) !== taken(other(a, junkA), other(b, junkB))
      if (differs) expect(isBranchOpen(name, a, b)).toBe(true)
    }),
  )
  // 4 to 7 against 8 to 15.
  expect(isBranchOpen(name, { value: 4, bits: 3 }, { value: 8, bits: 7 })).toBe(false)
})

it('takes the names of instructions with immediates', () => {
  expect(resultOf('andi', { value: 0, bits: -1 }, { value: 6, bits: 0 })).toEqual({ bits: 6, computed: false })
  expect(resultOf('sltiu', { value: 4, bits: 3 }, { value: 1, bits: 0 })).toEqual({ bits: 0, computed: true })
  expect(resultOf('srai', { value: 0, bits: 0x80000000 | 0 }, { value: 4, bits: 0 })?.bits).toBe(0xf8000000 | 0)
})

it('does not follow what it does not know', () => {
  expect(resultOf('clz', { value: 0, bits: -1 }, { value: 0, bits: 0 })).toBeUndefined()
})
