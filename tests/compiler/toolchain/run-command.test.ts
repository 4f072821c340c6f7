import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { forEachParallel } from '../../../compiler/toolchain/run-command.ts'

it('runs every item, no more than so many at a time', async () => {
  const done: number[] = []
  let [running, most] = [0, 0]
  await forEachParallel([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++running)
    await setTimeout(item)
    running--
    done.push(item)
  })
  expect(done.sort()).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
})

it('throws the first failure when nothing runs any more, and begins nothing after it', async () => {
  const [begun, ended]: [number[], number[]] = [[], []]
  const all = forEachParallel([0, 1, 2, 3], 2, async (item) => {
    begun.push(item)
    if (item === 0) throw new Error('no')
    await setTimeout(20)
    ended.push(item)
  })
  await expect(all).rejects.toThrow('no')
  expect({ begun, ended }).toEqual({ begun: [0, 1], ended: [1] })
})
