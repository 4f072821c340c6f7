import { describe, expect, test } from 'vitest'
import { SharedPort } from '../../../sim/accel/shared-port.ts'
import { EventQueue } from '../../../sim/events.ts'

/** Begins transfers at given cycles and returns the cycle at which each ended. */
function ends(transfers: readonly (readonly [begin: number, cycles: number])[], contention?: { hartAccesses: number }) {
  const events = new EventQueue()
  const port = new SharedPort(events, { dmaActive: false, hartAccesses: 0, ...contention })
  const end: number[] = []
  transfers.forEach(([begin, cycles], index) => {
    events.schedule(begin, () => port.begin(cycles, () => (end[index] = events.now)))
  })
  events.advanceTo(1e9)
  return end
}

describe('a port shared by transfers', () => {
  test('a transfer that is alone takes its own time', () => {
    expect(ends([[10, 100]])).toEqual([110])
  })

  test('two transfers of the same size at the same time both take twice as long', () => {
    expect(
      ends([
        [0, 100],
        [0, 100],
      ]),
    ).toEqual([200, 200])
  })

  test('a short transfer slows a long one down only while both are active', () => {
    expect(
      ends([
        [0, 100],
        [20, 10],
      ]),
    ).toEqual([110, 40])
  })

  test('three users get a third each', () => {
    expect(
      ends([
        [0, 30],
        [0, 30],
        [0, 10],
      ]),
    ).toEqual([70, 70, 30])
  })

  test('a port that is never idle moves a word every cycle but for the last one of a transfer, whatever the arrivals', () => {
    const all = ends([
      [0, 7],
      [3, 50],
      [11, 1],
      [12, 31],
    ])
    expect(Math.max(...all)).toBeGreaterThanOrEqual(7 + 50 + 1 + 31)
    expect(Math.max(...all)).toBeLessThan(7 + 50 + 1 + 31 + all.length)
  })

  test('transfers that end in the same cycle end in the order in which they began', () => {
    const events = new EventQueue()
    const port = new SharedPort(events)
    const order: string[] = []
    port.begin(5, () => order.push('first'))
    port.begin(5, () => order.push('second'))
    events.advanceTo(100)
    expect(order).toEqual(['first', 'second'])
  })
})

describe('the hart on the same port', () => {
  test('each of its accesses takes a cycle from the transfer, and the hart sees that DMA is active', () => {
    const events = new EventQueue()
    const contention = { dmaActive: false, hartAccesses: 1000 }
    const port = new SharedPort(events, contention)
    let end = 0
    port.begin(100, () => (end = events.now))
    expect(contention.dmaActive).toBe(true)
    events.advanceTo(50)
    contention.hartAccesses += 20
    events.advanceTo(100)
    expect(end).toBe(0)
    events.advanceTo(200)
    expect(end).toBe(120)
    expect(contention.dmaActive).toBe(false)
  })

  test('accesses while no transfer is active cost nothing later', () => {
    const events = new EventQueue()
    const contention = { dmaActive: false, hartAccesses: 0 }
    const port = new SharedPort(events, contention)
    contention.hartAccesses = 500
    let end = 0
    port.begin(10, () => (end = events.now))
    events.advanceTo(100)
    expect(end).toBe(10)
  })
})
