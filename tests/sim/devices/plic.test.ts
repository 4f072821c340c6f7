import { beforeEach, describe, expect, it } from 'vitest'
import { Plic } from '../../../sim/devices/plic.ts'

const PENDING = 0x1000
const ENABLE = 0x2000
const THRESHOLD = 0x20_0000
const CLAIM = 0x20_0004

let plic: Plic
let external: boolean

beforeEach(() => {
  external = false
  plic = new Plic('plic', { set: (level) => (external = level) })
})

const read = (offset: number) => plic.read(offset, 4)
const write = (offset: number, value: number) => plic.write(offset, 4, value)
/** Enables a source of the first word. */
const enable = (source: number, priority = 1) => {
  write(source * 4, priority)
  write(ENABLE, read(ENABLE)! | (1 << source))
}

it('claims and completes a level interrupt', () => {
  enable(10)
  plic.setLine(10, true)
  expect([external, read(PENDING)]).toEqual([true, 1 << 10])
  expect(read(CLAIM)).toBe(10)
  expect([external, read(PENDING), read(CLAIM)]).toEqual([false, 0, 0])
  plic.setLine(10, false)
  write(CLAIM, 10)
  expect(external).toBe(false)
})

it('asks again after completion while the line is high', () => {
  enable(10)
  plic.setLine(10, true)
  read(CLAIM)
  write(CLAIM, 10)
  expect([external, read(CLAIM)]).toEqual([true, 10])
})

it('keeps a request whose line fell before its claim', () => {
  enable(3)
  plic.setLine(3, true)
  plic.setLine(3, false)
  expect(read(CLAIM)).toBe(3)
})

describe('which source comes first', () => {
  it('the highest priority', () => {
    enable(4, 2)
    enable(5, 7)
    for (const source of [4, 5]) plic.setLine(source, true)
    expect([read(CLAIM), read(CLAIM), read(CLAIM)]).toEqual([5, 4, 0])
  })

  it('the lowest number among equals', () => {
    enable(9)
    enable(6)
    for (const source of [9, 6]) plic.setLine(source, true)
    expect([read(CLAIM), read(CLAIM)]).toEqual([6, 9])
  })
})

it('priority 0 never interrupts, and a threshold hides what is not above it', () => {
  enable(4, 0)
  plic.setLine(4, true)
  expect([external, read(CLAIM)]).toEqual([false, 0])
  write(16, 3)
  write(THRESHOLD, 3)
  expect(external).toBe(false)
  write(THRESHOLD, 2)
  expect(external).toBe(true)
})

it('ignores the completion of a source that is not enabled', () => {
  enable(4)
  plic.setLine(4, true)
  read(CLAIM)
  write(ENABLE, 0)
  write(CLAIM, 4)
  write(ENABLE, 1 << 4)
  expect(external).toBe(false)
})

it('keeps the supervisor context apart', () => {
  write(16, 1)
  write(ENABLE + 0x80, 1 << 4)
  plic.setLine(4, true)
  expect(external).toBe(false)
  expect(read(CLAIM)).toBe(0)
  expect(read(CLAIM + 0x1000)).toBe(4)
})

it('has sources up to 95, no source 0, and words only', () => {
  write(0, 7)
  write(ENABLE, 1)
  expect([read(0), read(ENABLE)]).toEqual([0, 0])
  write(95 * 4, 7)
  write(ENABLE + 8, 1 << 31)
  plic.setLine(95, true)
  expect(read(CLAIM)).toBe(95)
  expect(plic.read(0, 1)).toBeUndefined()
  expect(plic.write(2, 4, 0)).toBe(false)
  expect(read(0x20_2000)).toBeUndefined()
})
