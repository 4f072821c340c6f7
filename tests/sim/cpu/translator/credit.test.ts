import { expect, it } from 'vitest'
import { Credit } from '../../../../sim/cpu/translator/credit.ts'

it('is used up by translating and earned back by instructions that run', () => {
  const credit = new Credit(1000, 0)
  expect(credit.allows(0)).toBe(true)
  credit.spend(10)
  expect(credit.allows(100_000)).toBe(false)
  expect(credit.allows(4_000_000)).toBe(true)
})

it('earns nothing when the count of instructions goes back, as a restored snapshot makes it', () => {
  const credit = new Credit(1, 5_000_000)
  credit.spend(1)
  expect(credit.allows(1000)).toBe(false)
  expect(credit.allows(100_000)).toBe(false)
  expect(credit.allows(5_000_000)).toBe(true)
})

it('bounds the share of time that a guest which makes new code all the time can lose', () => {
  const credit = new Credit(0, 0)
  let modules = 0
  for (let instructions = 0; instructions <= 10_000_000; instructions += 1000) {
    if (!credit.allows(instructions)) continue
    credit.spend(100)
    modules++
  }
  // An eighth of the time goes into modules of 400,000 and 3000 instructions' worth for each of theirs.
  expect(modules).toBeLessThanOrEqual(1 + 10_000_000 / 8 / (400_000 + 100 * 3000))
})
