import { describe, expect, it } from 'vitest'
import { PortTime } from '../../../compiler/schedule/port-time.ts'
import { Random } from '../../runtime-c/random.ts'

describe('time on a shared port', () => {
  it('goes to one transfer at a time', () => {
    const port = new PortTime()
    expect(port.take(10, 5)).toEqual([{ start: 10, end: 15 }])
    expect(port.take(12, 5)).toEqual([{ start: 15, end: 20 }])
  })

  it('fills gaps around what is taken', () => {
    const port = new PortTime()
    port.take(10, 5)
    expect(port.take(8, 5)).toEqual([
      { start: 8, end: 10 },
      { start: 15, end: 18 },
    ])
  })

  it('is free again after a release, and never taken twice', () => {
    const port = new PortTime()
    const r = new Random(5)
    const taken: (readonly { start: number; end: number }[])[] = []
    for (let i = 0; i < 400; i++) {
      if (taken.length > 0 && r.once(4)) port.release(taken.pop()!)
      else taken.push(port.take(r.int(0, 300), r.int(0, 20)))
      const pieces = taken.flat().sort((a, b) => a.start - b.start)
      expect(pieces.every((piece, j) => j === 0 || pieces[j - 1]!.end <= piece.start)).toBe(true)
    }
  })
})
