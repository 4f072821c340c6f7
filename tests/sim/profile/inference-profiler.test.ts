import { expect, it } from 'vitest'
import { control } from '../../../sim/accel/ring-registers.ts'
import { InferenceProfiler } from '../../../sim/profile/inference-profiler.ts'
import { move, RAM, Rig } from '../accel/rig.ts'

it('commands that a reset drops end with it, and those behind it are told by themselves', () => {
  const profiler = new InferenceProfiler(undefined)
  const rig = new Rig({}, profiler.accelerator)
  rig.write([
    ['load', move(RAM, 0, 4096)],
    ['load', move(RAM, 4096, 4096)],
  ])
  rig.open(2)
  rig.set('RING_TAIL', 2)
  rig.events.advanceTo(100)
  rig.set('CONTROL', control.reset)
  rig.events.advanceTo(1000)
  const dropped = profiler.unfinished(1000)
  expect(dropped.map(({ command, finished }) => [command.index, finished])).toEqual([
    [0, 100],
    [1, 100],
  ])
  expect(dropped[1]).toMatchObject({ started: 100 })
  rig.run([['load', move(RAM, 0, 64)]])
  expect(profiler.commands.map(({ command }) => command.fields.bytes)).toEqual([64])
  expect(profiler.unfinished(5000)).toEqual(dropped)
})
