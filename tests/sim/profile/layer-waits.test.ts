import { expect, test } from 'vitest'
import type { NetworkMap } from '../../../sim/debug-info/network-map.ts'
import { computeGaps } from '../../../sim/profile/layer-waits.ts'
import type { TimedCommand } from '../../../sim/profile/timed-command.ts'

const WEIGHTS = 0x1000
const INPUT = 0x8000
const network = { tensors: [{ constant: true, address: WEIGHTS, bytes: 0x1000 }] } as unknown as NetworkMap

type Times = readonly [queued: number, started: number, finished: number]

function command(index: number, [queued, started, finished]: Times, ram?: { access: 'read' | 'write'; start: number }) {
  const regions = ram === undefined ? [] : [{ memory: 'ram', bytes: 64, ...ram }]
  return { command: { index, regions }, queued, started, finished } as unknown as TimedCommand
}
const load = (index: number, start: number, times: Times) => command(index, times, { access: 'read', start })
const store = (index: number, times: Times) => command(index, times, { access: 'write', start: INPUT })

const reasons = (commands: readonly TimedCommand[], end: number) =>
  computeGaps(commands, network, end).map(({ from, until, reason }) => [reason, from, until])

test('a computing command waits for what is on its way, one transfer after the other', () => {
  const commands = [load(0, WEIGHTS, [20, 20, 90]), load(1, INPUT, [25, 90, 100]), command(2, [30, 100, 150])]
  expect(reasons(commands, 160)).toEqual([
    ['commands', 0, 20],
    ['weights', 20, 90],
    ['activations', 90, 100],
    ['output', 150, 160],
  ])
})

test('or for room that a store makes, or for itself', () => {
  const commands = [command(0, [0, 0, 50]), store(1, [10, 50, 80]), command(2, [20, 80, 90]), command(3, [95, 95, 99])]
  expect(reasons(commands, 99)).toEqual([
    ['store', 50, 80],
    ['commands', 90, 95],
  ])
})

test('a transfer that began while something was computed counts from the end of that', () => {
  const commands = [command(0, [0, 0, 50]), load(1, WEIGHTS, [0, 10, 70]), command(2, [0, 75, 80])]
  expect(reasons(commands, 80)).toEqual([
    ['weights', 50, 70],
    ['weights', 70, 75],
  ])
})
