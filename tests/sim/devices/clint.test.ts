import { beforeEach, expect, it } from 'vitest'
import { Clint } from '../../../sim/devices/clint.ts'
import { EventQueue } from '../../../sim/events.ts'

const MSIP = 0
const CMP = 0x4000
const TIME = 0xbff8

let events: EventQueue
let clint: Clint
let lines: { software: boolean; timer: boolean }

beforeEach(() => {
  events = new EventQueue()
  lines = { software: false, timer: false }
  const wire = (name: 'software' | 'timer') => ({ set: (level: boolean) => void (lines[name] = level) })
  clint = new Clint('clint', events, 10, wire('software'), wire('timer'))
})

const read = (offset: number) => clint.read(offset, 4)
const write = (offset: number, value: number) => clint.write(offset, 4, value)

it('mtime counts every tenth cycle', () => {
  events.advanceTo(99)
  expect(read(TIME)).toBe(9)
  events.advanceTo(100)
  expect([read(TIME), read(TIME + 4)]).toEqual([10, 0])
})

it('mtime has a high half, the same whether firmware has written it or not', () => {
  const cycles = (5 * 2 ** 32 + 0xffff_fff0) * 10
  events.advanceTo(cycles)
  expect([read(TIME), read(TIME + 4)]).toEqual([0xffff_fff0, 5])
  write(TIME + 4, 5)
  expect([read(TIME), read(TIME + 4), clint.time]).toEqual([0xffff_fff0, 5, 0x5_ffff_fff0n])
})

it('mtime goes on from what firmware writes, over 32 bits', () => {
  events.advanceTo(55)
  write(TIME, 0xffff_ffff)
  write(TIME + 4, 7)
  expect([read(TIME), read(TIME + 4)]).toEqual([0xffff_ffff, 7])
  events.advanceTo(60)
  expect([read(TIME), read(TIME + 4)]).toEqual([0, 8])
})

it('the timer rises exactly when mtime reaches mtimecmp, falls when mtimecmp moves', () => {
  write(CMP + 4, 0)
  write(CMP, 12)
  events.advanceTo(119)
  expect(lines.timer).toBe(false)
  events.advanceTo(120)
  expect(lines.timer).toBe(true)
  write(CMP, 13)
  expect(lines.timer).toBe(false)
  events.advanceTo(130)
  expect(lines.timer).toBe(true)
})

it('the timer follows a write to mtime', () => {
  write(CMP + 4, 0)
  write(CMP, 1000)
  write(TIME, 999)
  expect(events.next).toBe(10)
  write(TIME, 1000)
  expect(lines.timer).toBe(true)
})

it('a compare value that is never reached schedules nothing', () => {
  write(CMP, 5)
  expect([events.next, lines.timer, clint.armed]).toEqual([Number.POSITIVE_INFINITY, false, false])
})

it('the software interrupt is bit 0 of msip', () => {
  write(MSIP, 3)
  expect([lines.software, read(MSIP)]).toEqual([true, 1])
  write(MSIP, 2)
  expect(lines.software).toBe(false)
})

it('reads bytes and halves, writes words only, and knows harts that are not there', () => {
  events.advanceTo(0x1234 * 10)
  expect([clint.read(TIME, 1), clint.read(TIME + 1, 1), clint.read(TIME, 2)]).toEqual([0x34, 0x12, 0x1234])
  expect(clint.write(TIME, 1, 0)).toBe(false)
  expect(read(4)).toBe(0)
  expect(read(0xc000)).toBeUndefined()
})
