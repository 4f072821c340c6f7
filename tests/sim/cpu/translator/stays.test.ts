import { expect, it } from 'vitest'
import { Stays } from '../../../../sim/cpu/translator/stays.ts'

const ENOUGH = 4

/** Notes stays of these lengths, one right after the other; cycles of the pause that follows. */
function pauseAfter(...lengths: number[]): number {
  const stays = new Stays(ENOUGH)
  let now = 0
  for (const cycles of lengths) {
    now += cycles
    stays.note(cycles, now)
  }
  return stays.pauseAt(now)
}

it('pauses when stays are short in the mean', () => {
  expect(pauseAfter(10, 10, 10)).toBe(0)
  expect(pauseAfter(10, 10, 10, 10)).toBeGreaterThan(1000)
  expect(pauseAfter(10, 100, 10, 100)).toBeGreaterThan(1000)
})

it('goes on when one of them is long enough for all', () => {
  expect(pauseAfter(10, 10, 10, 1000)).toBe(0)
  expect(pauseAfter(1000, 10, 10, 10)).toBe(0)
})

it('ends the pause in time, also when a snapshot from before it is restored', () => {
  const stays = new Stays(1)
  stays.note(1, 1_000_000)
  const pause = stays.pauseAt(1_000_000)
  expect(stays.pauseAt(1_000_000 + pause - 1)).toBe(1)
  expect(stays.pauseAt(1_000_000 + pause)).toBe(0)
  expect(stays.pauseAt(10)).toBe(0)
})
