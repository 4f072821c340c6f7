import { expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { bottleneckOf, holdUp } from '../../../sim/profile/bottleneck.ts'
import { bestChange } from '../../../sim/profile/what-if.ts'

const peak = { peakMacsPerCycle: 256, bytesPerCycle: 16 }
const none = { weights: 0, activations: 0, store: 0, commands: 0, output: 0 }
const layer = {
  target: 'cnn',
  cycles: 1000,
  macs: 200_000,
  bytesIn: 6400,
  bytesOut: 160,
  split: { compute: 1000, dmaIn: 0, dmaOut: 0, cpu: 0, idle: 0 },
  waits: none,
}
const computing = (compute: number) => ({ ...layer.split, compute, dmaIn: 1000 - compute })
const columns = { parameter: 'columns', value: 32, saved: 0.45 }

test('a layer that computes most of the time is told from one that waits', () => {
  expect(bottleneckOf(layer, peak)).toBe(
    'computing takes 100 % of the time at 200 of 256 MAC/cycle; no parameter twice as large would shorten its commands by a tenth',
  )
  const waiting = { ...layer, split: computing(300), waits: { ...none, weights: 600, output: 100 } }
  expect(holdUp(waiting)).toBe('weights')
  expect(bottleneckOf(waiting, peak)).toBe(
    'compute waits for weights 60 % of the time: 6400 bytes at 16 bytes/cycle take 400 cycles at the least',
  )
  const both = { ...layer, split: computing(600), waits: { ...none, activations: 400 } }
  expect(holdUp(both)).toBe('compute')
  expect(bottleneckOf(both, peak)).toMatch(/^computing takes 60 % .*, then waits for activations \(40 %\); no/)
})

test('a rate of a few MACs has a decimal, so that what computes a little is not told to do nothing', () => {
  expect(bottleneckOf({ ...layer, macs: 300 }, peak)).toMatch(/at 0\.3 of 256 MAC/)
  expect(bottleneckOf({ ...layer, macs: 1800 }, peak)).toMatch(/at 1\.8 of 256 MAC/)
})

test('a layer that stores nothing waits for its fence', () => {
  const ends = { ...layer, split: computing(700), waits: { ...none, output: 300 } }
  expect(bottleneckOf(ends, peak)).toMatch(/, then waits for the store of results \(30 %\);/)
  expect(bottleneckOf({ ...ends, bytesOut: 0 }, peak)).toMatch(/, then waits for its fence \(30 %\);/)
})

test('a change that helps is named with its value, and what bandwidth then allows', () => {
  expect(bottleneckOf({ ...layer, change: columns }, peak)).toMatch(
    /; with columns=32 its commands would take 45 % less$/,
  )
  expect(bottleneckOf({ ...layer, bytesIn: 16_000, change: columns }, peak)).toMatch(
    /45 % less, if enough of its 16160 bytes \(1010 cycles at 16 bytes\/cycle\) came before it$/,
  )
  const latency = { parameter: 'dmaLatency', value: 100, saved: 0.42 }
  const waiting = { ...layer, split: computing(300), waits: { ...none, weights: 700 }, change: latency }
  expect(bottleneckOf(waiting, peak)).toMatch(/at the least; with dmaLatency=100 these transfers would take 42 % less$/)
})

test('the CPU has no units to wait for', () => {
  const { waits: _, ...cpu } = { ...layer, target: 'cpu' }
  expect(bottleneckOf({ ...cpu, macs: 500 }, undefined)).toBe('the CPU computes it, 2.0 cycles for each MAC')
  expect(bottleneckOf({ ...cpu, macs: 0 }, peak)).toBe('the CPU computes it')
})

test('what would shorten commands follows from the description of the accelerator', () => {
  const parameters = resolveParameters(cnn, {})
  const add = { name: 'elementwise', spec: cnn.commands.elementwise!, fields: { count: 4096 } } as never
  const change = bestChange([{ command: add }], parameters, [2], cnn.parameters)!
  expect([change.parameter, change.value]).toEqual(['lanes', 32])
  expect(change.saved).toBeCloseTo(0.48, 1)
  const narrow = { name: 'elementwise', spec: cnn.commands.elementwise!, fields: { count: 16 } } as never
  expect(bestChange([{ command: narrow }], parameters, [2], cnn.parameters)).toBeUndefined()
})

test('no parameter is said to help that cannot be so large', () => {
  const add = { name: 'elementwise', spec: cnn.commands.elementwise!, fields: { count: 1 << 16 } } as never
  const widest = resolveParameters(cnn, { lanes: cnn.parameters.lanes!.max })
  expect(bestChange([{ command: add }], widest, [2], cnn.parameters)).toBeUndefined()
})
