import { describe, expect, it } from 'vitest'
import { conflict, footprintOf } from '../../../compiler/schedule/overlap.ts'
import type { Region } from '../../../sim/accel/description.ts'
import { Random } from '../../runtime-c/random.ts'

/** Every byte of a region, one by one. */
function bytesOf({ start, bytes, repeat = [] }: Region): Set<number> {
  const [outer, ...inner] = repeat
  if (outer === undefined) return new Set(Array.from({ length: bytes }, (_, i) => start + i))
  const all = Array.from({ length: outer.count }, (_, i) => [
    ...bytesOf({ memory: 'm', access: 'read', start: start + i * outer.stride, bytes, repeat: inner }),
  ])
  return new Set(all.flat())
}

const region = (start: number, bytes: number, access: 'read' | 'write' = 'write', memory = 'act'): Region => ({
  memory,
  access,
  start,
  bytes,
})
const conflicts = (a: Region, b: Region) => conflict(footprintOf([a]), footprintOf([b]))

describe('conflicts between commands', () => {
  it('need a common byte, in the same memory, that one of them writes', () => {
    expect(conflicts(region(0, 8), region(7, 1, 'read'))).toBe(true)
    expect(conflicts(region(0, 8), region(8, 1, 'read'))).toBe(false)
    expect(conflicts(region(0, 8, 'read'), region(0, 8, 'read'))).toBe(false)
    expect(conflicts(region(0, 8, 'write', 'act'), region(0, 8, 'write', 'wgt'))).toBe(false)
    expect(conflicts(region(0, 0), region(0, 8))).toBe(false)
  })

  it('tell channels of the same pixels apart', () => {
    const channels = (from: number): Region => ({ ...region(from, 16), repeat: [{ count: 100, stride: 64 }] })
    expect(conflicts(channels(0), channels(16))).toBe(false)
    expect(conflicts(channels(0), channels(8))).toBe(true)
  })

  it('equal what a comparison byte by byte says', () => {
    const r = new Random(1)
    const random = (): Region => ({
      ...region(r.int(0, 60), r.int(1, 6)),
      repeat: Array.from({ length: r.int(0, 3) }, () => ({ count: r.int(1, 4), stride: r.int(0, 20) })),
    })
    let touching = 0
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [random(), random()]
      const common = [...bytesOf(a)].some((byte) => bytesOf(b).has(byte))
      expect(conflicts(a, b), JSON.stringify([a, b])).toBe(common)
      touching += Number(common)
    }
    expect(touching).toBeGreaterThan(500)
    expect(touching).toBeLessThan(2500)
  })
})
