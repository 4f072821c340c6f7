import { describe, expect, it } from 'vitest'
import { type Block, planArena, printArena } from '../../../compiler/schedule/plan-arena.ts'
import { Random } from '../../runtime-c/random.ts'

const block = (bytes: number, first: number, last: number): Block => ({ name: `b${first}`, bytes, first, last })

/** Whether two blocks that live at the same time share a byte. */
function clash(blocks: readonly Block[], offsets: readonly number[]): boolean {
  return blocks.some((a, i) =>
    blocks.some((b, j) => {
      const together = a.first <= b.last && b.first <= a.last
      return i < j && together && offsets[i]! < offsets[j]! + b.bytes && offsets[j]! < offsets[i]! + a.bytes
    }),
  )
}

describe('the arena plan', () => {
  it('lets tensors that do not meet share bytes', () => {
    const chain = [block(100, 0, 1), block(50, 1, 2), block(100, 2, 3)]
    expect(planArena(chain, 1)).toMatchObject({ bytes: 150, lowerBoundBytes: 150 })
  })

  it('keeps a skipped connection alive', () => {
    const skip = [block(64, 0, 3), block(64, 1, 2), block(64, 2, 3), block(64, 3, 4)]
    expect(planArena(skip, 1)).toMatchObject({ bytes: 192, lowerBoundBytes: 192 })
  })

  it('aligns every block and counts that in the bound', () => {
    const plan = planArena([block(3, 0, 1), block(5, 0, 1)], 16)
    expect(plan).toMatchObject({ bytes: 32, lowerBoundBytes: 32 })
    expect(plan.offsets.every((offset) => offset % 16 === 0)).toBe(true)
  })

  it('is empty for nothing', () => {
    expect(planArena([], 16)).toEqual({ offsets: [], bytes: 0, lowerBoundBytes: 0 })
  })

  it('improves on greedy where that leaves gaps', () => {
    // By size, 4 and 4 go to the bottom and the 6 ends above a gap; 10 bytes are enough.
    const gaps = [block(4, 0, 2), block(6, 2, 4), block(4, 4, 6), block(6, 0, 1), block(4, 1, 2), block(4, 3, 5)]
    const plan = planArena(gaps, 1)
    expect(clash(gaps, plan.offsets)).toBe(false)
    expect(plan.bytes).toBeLessThanOrEqual(plan.lowerBoundBytes * 1.02)
  })

  it('never overlaps, is never below its bound, and is close to it for networks with branches', () => {
    const r = new Random(3)
    for (let i = 0; i < 40; i++) {
      const blocks = Array.from({ length: 30 }, (_, step) =>
        block(r.int(1, 400) * 16, step, step + r.pick([1, 1, 1, 2, 3, 6])),
      )
      const plan = planArena(blocks, 16)
      expect(clash(blocks, plan.offsets)).toBe(false)
      expect(plan.bytes).toBeGreaterThanOrEqual(plan.lowerBoundBytes)
      expect(plan.bytes / plan.lowerBoundBytes).toBeLessThan(1.08)
    }
  })

  it('is the same every time', () => {
    const blocks = Array.from({ length: 20 }, (_, i) => block((i * 37) % 101, i, i + (i % 5)))
    expect(planArena(blocks, 4)).toEqual(planArena(blocks, 4))
  })

  it('prints as a map over time', () => {
    const blocks = [block(100, 0, 1), block(50, 1, 2)]
    expect(printArena(blocks, planArena(blocks, 1))).toBe(
      [
        '    from       to  lifetime over layers',
        '       0      100  ##.  b0',
        '     100      150  .##  b1',
        'arena 150 bytes, lower bound 150',
      ].join('\n'),
    )
  })
})
