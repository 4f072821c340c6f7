import { expect, it } from 'vitest'
import { CommandFollower } from '../../../sim/trace/convert/command-follower.ts'
import { type TraceRange, TraceReader } from '../../../sim/trace/reader.ts'
import { goldenTrace } from './golden.ts'

/** What a golden trace says of its commands, one line for each change. */
function follow(name: string, range: TraceRange = {}): string[] {
  const lines: string[] = []
  const follower = new CommandFollower({
    begin: ({ name, index }, at) => lines.push(`${at} ${name} ${index} begins`),
    end: ({ name, index }, at) => lines.push(`${at} ${name} ${index} ends`),
    waiting: (unit, count, at) => lines.push(`${at} ${unit}: ${count} waiting`),
    transfers: (count, at) => lines.push(`${at} transfers: ${count}`),
  })
  new TraceReader(goldenTrace(name), name).read({ event: (event) => follower.event(event) }, range)
  return lines
}

it('a fence waits until it finishes; no unit begins with it', () => {
  expect(follow('watchdog')).toEqual([
    '10405 load: 1 waiting',
    '10405 load: 0 waiting',
    '10405 load 0 begins',
    '10405 transfers: 1',
    '10418 store: 1 waiting',
    '10435 front-end: 1 waiting',
    '10490 load 0 ends',
    '10490 transfers: 0',
    '10490 store: 0 waiting',
    '10490 store 1 begins',
    '10490 transfers: 1',
    '10570 store 1 ends',
    '10570 transfers: 0',
    '10570 front-end: 0 waiting',
  ])
})

it('a command that fails ends with its error; what waits then is gone with the reset', () => {
  const [second, third] = [3000, 10_500]
  expect(follow('accelerator-error', { from: second, to: third })).toEqual([
    '3596 load: 1 waiting',
    '3596 load: 0 waiting',
    '3596 load 0 begins',
    '3596 transfers: 1',
    '3609 store: 1 waiting',
    '3612 load 0 ends',
    '3612 transfers: 0',
    '7027 store: 0 waiting',
    '10494 load: 1 waiting',
    '10494 load: 0 waiting',
    '10494 load 0 begins',
    '10494 transfers: 1',
  ])
})

it('of what began before the part that is read, nothing is said', () => {
  expect(follow('watchdog', { from: 10_410, to: 10_500 })).toEqual([
    '10418 store: 1 waiting',
    '10435 front-end: 1 waiting',
    '10490 store: 0 waiting',
    '10490 store 1 begins',
    '10490 transfers: 1',
  ])
})
