import { describe, expect, it } from 'vitest'
import { describeTile, tilesOf, tilingsOf } from '../../../compiler/schedule/tiles.ts'
import type { Axis, Lowering } from '../../../compiler/target/target.ts'

const axes: readonly Axis[] = [
  { name: 'image', size: 2, step: 1, limit: 1 },
  { name: 'rows', size: 7, step: 1 },
  { name: 'channels', size: 40, step: 16 },
]
const lowering = {
  axes,
  orders: [
    ['channels', 'image', 'rows'],
    ['image', 'rows', 'channels'],
  ],
} as unknown as Lowering

describe('tiles', () => {
  it('cover everything exactly once, for every tiling', () => {
    for (const tiling of tilingsOf(lowering)) {
      const seen = new Map<string, number>()
      for (const tile of tilesOf(axes, tiling))
        for (let image = tile.image!.start; image < tile.image!.start + tile.image!.size; image++)
          for (let row = tile.rows!.start; row < tile.rows!.start + tile.rows!.size; row++)
            for (let channel = tile.channels!.start; channel < tile.channels!.start + tile.channels!.size; channel++) {
              const key = [image, row, channel].join()
              seen.set(key, (seen.get(key) ?? 0) + 1)
            }
      expect(seen.size).toBe(2 * 7 * 40)
      expect([...seen.values()].every((times) => times === 1)).toBe(true)
    }
  })

  it('respect steps and limits, and come with the fewest tiles first', () => {
    const tilings = [...tilingsOf(lowering)]
    expect(
      tilings.every(({ sizes }) => sizes.image === 1 && (sizes.channels! % 16 === 0 || sizes.channels === 40)),
    ).toBe(true)
    expect(tilings[0]).toMatchObject({ count: 2, sizes: { rows: 7 } })
    expect(tilings.map(({ count }) => count)).toEqual([...tilings.map(({ count }) => count)].sort((a, b) => a - b))
  })

  it('try each loop order once, when it makes a difference', () => {
    const whole = [...tilingsOf(lowering)].filter(({ sizes }) => sizes.rows === 7 && sizes.channels! >= 40)
    const cut = [...tilingsOf(lowering)].filter(({ sizes }) => sizes.rows === 4 && sizes.channels === 16)
    expect(whole).toHaveLength(1)
    expect(cut.map(({ order }) => order[0])).toEqual(['channels', 'image'])
  })

  it('run through the innermost loop first and mark both ends of an axis', () => {
    const tiles = [
      ...tilesOf(axes, { order: ['channels', 'image', 'rows'], sizes: { image: 1, rows: 4, channels: 16 } }),
    ]
    expect(tiles.slice(0, 3).map((tile) => describeTile(axes, tile))).toEqual([
      'image 0..0, rows 0..3, channels 0..15',
      'image 0..0, rows 4..6, channels 0..15',
      'image 1..1, rows 0..3, channels 0..15',
    ])
    expect(tiles[1]!.rows).toEqual({ start: 4, size: 3, first: false, last: true })
  })
})
