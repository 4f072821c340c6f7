import { expect, test } from 'vitest'
import { hasFormOf, isExact } from '../../../sim/snapshot/form.ts'

const own = { count: 1, pending: [1, 2], bytes: new Uint8Array(1), event: { at: 3 } }

test('a state has the form of a machine when its values are of the same kinds', () => {
  expect(hasFormOf(own, { count: 7, pending: [], bytes: new Uint8Array(9), event: { at: 0 } })).toBe(true)
  expect(hasFormOf(own, { ...own, count: '7' })).toBe(false)
  expect(hasFormOf(own, { ...own, event: null })).toBe(false)
})

test('a member may be missing at times, lists and bytes never', () => {
  const { event: _event, ...idle } = own
  const { pending: _pending, ...withoutList } = own
  const { bytes: _bytes, ...withoutBytes } = own
  expect(hasFormOf(own, idle)).toBe(true)
  expect(hasFormOf(own, withoutList)).toBe(false)
  expect(hasFormOf(own, withoutBytes)).toBe(false)
})

test('big integers are where a machine has them', () => {
  expect(hasFormOf({ time: 1n }, { time: 2n })).toBe(true)
  expect(hasFormOf({ time: 1n, event: undefined }, { time: 2n, event: { at: 3n } })).toBe(false)
})

test('numbers are whole', () => {
  expect(isExact(own)).toBe(true)
  expect(isExact({ ...own, event: { at: 0.5 } })).toBe(false)
})
