import { expect, test } from 'vitest'
import { bottleneckOf } from '../../../sim/profile/bottleneck.ts'

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

test('a layer that computes most of the time is told from one that waits, and how to make either faster', () => {
  expect(bottleneckOf(layer, peak)).toBe(
    'computing takes 100 % of the time at 200 of 256 MAC/cycle while it computes; a larger array would help',
  )
  expect(bottleneckOf({ ...layer, macs: 20_000 }, peak)).toMatch(/at 20 of 256 .* its shape uses little of the array/)
  const waiting = { ...layer, split: computing(300), waits: { ...none, weights: 600, output: 100 } }
  expect(bottleneckOf(waiting, peak)).toMatch(
    /^compute waits for weights 60 % of the time: 6400 bytes at 16 bytes\/cycle take 400 cycles at the least; more bandwidth/,
  )
  const both = { ...layer, split: computing(600), waits: { ...none, activations: 400 } }
  expect(bottleneckOf(both, peak)).toMatch(/^computing takes 60 % .*, then waits for activations \(40 %\)$/)
})

test('bandwidth is to blame for a layer just below what it allows, but not for one whose data came before', () => {
  const under = (attainableMacsPerCycle: number) => {
    return bottleneckOf({ ...layer, roofline: { intensity: 1, bound: 'memory', attainableMacsPerCycle } }, peak)
  }
  expect(under(210)).toMatch(
    /close to the 210\.0 that 16 bytes\/cycle allow: only more bandwidth or fewer bytes would help$/,
  )
  expect(under(150)).toMatch(/a larger array would help$/)
})

test('the CPU has no units to wait for', () => {
  const { waits: _, ...cpu } = { ...layer, target: 'cpu' }
  expect(bottleneckOf({ ...cpu, macs: 500 }, undefined)).toBe('the CPU computes it, 2.0 cycles for each MAC')
  expect(bottleneckOf({ ...cpu, macs: 0 }, peak)).toBe('the CPU computes it')
})
