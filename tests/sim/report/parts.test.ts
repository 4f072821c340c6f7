import { describe, expect, it } from 'vitest'
import type { IssuedCommand } from '../../../sim/accel/listener.ts'
import { InstructionLog } from '../../../sim/probe/instruction-log.ts'
import { CallStack } from '../../../sim/report/call-stack.ts'
import { ScratchpadUse } from '../../../sim/report/scratchpad-use.ts'
import { BusyTimes } from '../../../sim/report/split-cycles.ts'

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
  const places = [
    { name: 'main', from: 0, until: 100 },
    { name: 'leaf', from: 100, until: 200 },
    { name: 'tail', from: 200, until: 300 },
  ]
  const follow = (pcs: readonly number[]) => {
    const log = new InstructionLog()
    log.count = pcs.length
    log.pc.set(pcs)
    log.began.set([...pcs, 0].map((_, i) => i))
    const stack = new CallStack((pc) => places.find(({ from, until }) => pc >= from && pc < until))
    stack.follow(log)
    stack.finish(pcs.length)
    const { names, name, depth, from, until } = stack.columns()
    return { flame: stack.flame(), spans: name.map((one, i) => [names[one], depth[i], from[i], until[i]]) }
  }

  it('begin at the first instruction of a function and end where its caller goes on', () => {
    const { spans, flame } = follow([0, 4, 100, 104, 8, 12])
    expect(spans).toEqual([
      ['main', 0, 0, 6],
      ['leaf', 1, 2, 4],
    ])
    expect(flame).toEqual({
      name: 'hart',
      cycles: 6,
      children: [{ name: 'main', cycles: 6, children: [{ name: 'leaf', cycles: 2, children: [] }] }],
    })
  })

  it('may call themselves', () => {
    expect(follow([0, 100, 104, 100, 108, 4]).spans.map(([name, depth]) => [name, depth])).toEqual([
      ['main', 0],
      ['leaf', 1],
      ['leaf', 2],
    ])
  })

  it('end when a jump into the middle of another function takes their place', () => {
    expect(follow([0, 100, 204, 208, 4]).spans).toEqual([
      ['main', 0, 0, 5],
      ['leaf', 1, 1, 2],
      ['tail', 1, 2, 4],
    ])
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
    expect(use.data()).toEqual({
      name: 'act',
      bytes: 1024,
      peakBytes: 128,
      spans: { from: [0, 0, 50], until: [40, 30, 60], address: [0, 64, 0], bytes: [64, 64, 64], layer: [0, 0, 2] },
    })
  })

  it('is followed over repetitions', () => {
    const use = new ScratchpadUse('act', 1024)
    use.follow(touch('write', 0, 64, [{ count: 2, stride: 512 }]), 1, 0, 0, 10)
    expect(use.data().spans.address).toEqual([0, 512])
  })
})
