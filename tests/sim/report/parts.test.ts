import { describe, expect, it } from 'vitest'
import type { IssuedCommand } from '../../../sim/accel/listener.ts'
import type { NetworkMap } from '../../../sim/debug-info/network-map.ts'
import { BusyTimes } from '../../../sim/profile/busy-times.ts'
import { CallTree } from '../../../sim/profile/call-tree.ts'
import { CallSpans } from '../../../sim/report/call-spans.ts'
import { arenaData } from '../../../sim/report/memory-maps.ts'
import { memoryScale } from '../../../sim/report/page/memory-scale.ts'
import type { LayerData } from '../../../sim/report/report-data.ts'
import { peakOf, ScratchpadUse } from '../../../sim/report/scratchpad-use.ts'
import { visibleText } from '../../../sim/report/visible-text.ts'

describe('cycles', () => {
  it('count once: for computing, else for transfers, else for the hart unless it waits', () => {
    const times = new BusyTimes([
      { what: 'dmaIn', from: 0, until: 30 },
      { what: 'compute', from: 20, until: 50 },
      { what: 'compute', from: 40, until: 60 },
      { what: 'dmaOut', from: 55, until: 70 },
      { what: 'wait', from: 10, until: 80 },
    ])
    expect(times.split([0, 90])).toEqual([{ dmaIn: 20, compute: 40, dmaOut: 10, idle: 10, cpu: 10 }])
    expect(times.split([0, 25, 25, 90]).map(({ compute }) => compute)).toEqual([5, 0, 35])
  })
})

describe('calls', () => {
  it('are spans of the call tree: what two moves share goes on', () => {
    const tree = new CallTree()
    const [main, handler] = [tree.child(0, 0), tree.child(0, 3)]
    const leaf = tree.child(main, 1)
    const tail = tree.child(main, 2)
    const spans = new CallSpans(() => tree)
    const moves = [main, leaf, tail, handler, main, 0]
    for (const [at, node] of moves.entries()) spans.moveTo(node, at)
    const { names, name, depth, from, until } = spans.columns((number) => ['main', 'leaf', 'tail', 'handler'][number]!)
    expect(name.map((one, i) => [names[one], depth[i], from[i], until[i]])).toEqual([
      ['main', 0, 0, 3],
      ['leaf', 1, 1, 2],
      ['tail', 1, 2, 3],
      ['handler', 0, 3, 4],
      ['main', 0, 4, 5],
    ])
  })

  it('are thinned when there are too many, the shortest first', () => {
    const tree = new CallTree()
    const [main, other] = [tree.child(0, 0), tree.child(0, 1)]
    const spans = new CallSpans(() => tree)
    let at = 0
    for (let i = 0; i < 30_000; i++) {
      spans.moveTo(main, at)
      spans.moveTo(other, (at += 10))
      at += 2
    }
    spans.moveTo(0, at)
    const { shortest, from, until } = spans.columns(String)
    expect(shortest).toBe(10)
    expect(new Set(from.map((start, i) => until[i]! - start))).toEqual(new Set([10]))
    expect(from).toHaveLength(30_000)
  })
})

describe('a scratchpad', () => {
  const touch = (
    access: 'read' | 'write',
    start: number,
    bytes: number,
    repeat?: { count: number; stride: number }[],
  ) => ({ regions: [{ memory: 'act', access, start, bytes, ...(repeat && { repeat }) }] }) as unknown as IssuedCommand

  it('is in use from a write to the last time that it is read', () => {
    const use = new ScratchpadUse('act', 1024)
    use.follow(touch('write', 0, 128), 1, 0, 0, 10)
    use.follow(touch('read', 0, 128), 2, 1, 20, 30)
    use.follow(touch('read', 0, 64), 3, 1, 30, 40)
    use.follow(touch('write', 0, 64), 4, 2, 50, 60)
    const spans = use.spans()
    expect(spans).toEqual({
      from: [0, 0, 50],
      until: [40, 30, 60],
      address: [0, 64, 0],
      bytes: [64, 64, 64],
      layer: [0, 0, 2],
      command: [1, 1, 4],
    })
    expect(peakOf(spans)).toBe(128)
  })

  it('is followed over repetitions', () => {
    const use = new ScratchpadUse('act', 1024)
    use.follow(touch('write', 0, 64, [{ count: 2, stride: 512 }]), 1, 0, 0, 10)
    expect(use.spans().address).toEqual([0, 512])
  })
})

describe('a lifetime in the arena', () => {
  it('covers the layers that are shown, and not those behind it where the last of its own runs nowhere', () => {
    const tensor = (name: string, firstLayer: number, lastLayer: number) => {
      return { name, dtype: 'int8', shape: [1, 4], bytes: 4, constant: false, firstLayer, lastLayer, address: 0x1010 }
    }
    const tensors = [tensor('input', 0, 1), tensor('viewed', 1, 2), tensor('result', 3, 4), tensor('unused', 2, 2)]
    const network = { arena: { address: 0x1000, bytes: 64 }, tensors } as unknown as NetworkMap
    // Layer 2 gives a tensor another shape, and runs nowhere.
    const layers = [0, 1, 3, 4].map((index) => ({ index })) as LayerData[]
    const { bytes, tensors: placed } = arenaData(network, layers)
    expect(bytes).toBe(64)
    expect(placed[0]).toEqual({ name: 'input', type: 'int8 [1, 4]', offset: 16, bytes: 4, first: 0, last: 1 })
    expect(placed.map(({ first, last }) => [first, last])).toEqual([
      [0, 1],
      [1, 1],
      [2, 3],
      [2, 2],
    ])
  })
})

describe('the axis of addresses', () => {
  const piece = (offset: number, bytes: number) => ({ name: '', offset, bytes, first: 0, last: 0 })

  it('is to scale where everything can be seen', () => {
    const { height, up, stretched } = memoryScale([piece(0, 250), piece(250, 750)], 1000, 200)
    expect([height, up(250), up(1000), stretched]).toEqual([200, 50, 200, false])
  })

  it('is stretched where something is too thin, and only there', () => {
    const { height, up, edges, stretched } = memoryScale([piece(0, 100_000), piece(0, 2), piece(16, 2)], 100_000, 200)
    expect(edges).toEqual([0, 2, 16, 18, 100_000])
    expect(stretched).toBe(true)
    expect(up(2)).toBeCloseTo(14)
    expect(up(18) - up(16)).toBeCloseTo(14)
    expect(up(16) - up(2)).toBeLessThan(1)
    expect(height - up(18)).toBeCloseTo(200, 0)
  })

  it('does not grow beyond a page, however many are thin', () => {
    const many = Array.from({ length: 200 }, (_, i) => piece(i, 1))
    expect(memoryScale([...many, piece(200, 1e6)], 1_000_200, 200).height).toBeCloseTo(560)
  })
})

it('text of a guest hides no character and turns no direction', () => {
  expect(visibleText('caf\u00e9 \u202egnp.exe\u2066\u0000\n\ttabbed')).toBe(
    'caf\u00e9 \\u202egnp.exe\\u2066\\u0000\n\ttabbed',
  )
})
