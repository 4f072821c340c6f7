import { describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { predictTimeline } from '../../../sim/accel/predict-timeline.ts'
import { UserError } from '../../../sim/diagnostic.ts'
import { type Commands, move, RAM, RING, Rig, randomFrom, unit } from './rig.ts'

/** A random pipeline of loads, copies and stores with tokens from each to the next. */
function randomCommands(seed: number): Commands {
  const random = randomFrom(seed)
  const commands: (readonly [string, Record<string, number>])[] = []
  for (let tile = 0; tile < random(2, 12); tile++) {
    const bytes = random(1, 3000)
    commands.push(['load', { ...move(RAM + random(0, 99), 0, bytes), signal: unit.compute }])
    commands.push(['copy', { output: 8192, bytes, rows: 1, planes: 1, wait: unit.load, signal: unit.store }])
    commands.push(['store', { ...move(RAM + 0x1000, 8192, random(1, bytes)), wait: unit.compute }])
    if (random(0, 2) === 0) commands.push(['fence', { sequence: tile + 1 }])
  }
  return [...commands, ['fence', { sequence: 100 }]]
}

/** The stream of these commands as bytes. */
function encode(commands: Commands): Uint8Array {
  const rig = new Rig()
  rig.write(commands)
  return rig.ram.slice(RING - RAM, RING - RAM + commands.length * rig.format.bytes)
}

describe('the predicted timeline', () => {
  test.each([{}, { queueDepth: 1 }, { dmaChannels: 1, dmaLatency: 40 }, { clockDivider: 3 }])(
    'is that of the simulated block, command by command, with %o',
    (overrides) => {
      for (let seed = 1; seed <= 10; seed++) {
        const commands = randomCommands(seed)
        const simulated: Record<number, { queued?: number; started?: number; finished?: number }> = {}
        const at = (index: number) => (simulated[index] ??= {})
        const rig = new Rig(overrides, {
          queued: ({ index }, cycle) => (at(index).queued = cycle),
          started: ({ index }, cycle) => (at(index).started = cycle),
          finished: ({ index }, cycle) => (at(index).finished = cycle),
        })
        const end = rig.run(commands)
        const predicted = predictTimeline(cnn, rig.parameters, encode(commands))
        expect(predicted.commands.map(({ command }) => command.name)).toEqual(commands.map(([name]) => name))
        for (const { command, queued, started, finished } of predicted.commands)
          expect({ started: queued, ...simulated[command.index] }).toEqual({ queued, started, finished })
        expect(predicted.cycles).toBe(end)
        expect(predicted.busy.load).toBe(rig.get('PERF_LOAD_BUSY'))
      }
    },
  )

  test('refuses a stream that would hang, and says where', () => {
    const stream = encode([['copy', { bytes: 1, rows: 1, planes: 1, wait: unit.load }]])
    expect(() => predictTimeline(cnn, new Rig().parameters, stream)).toThrow(UserError)
    expect(() => predictTimeline(cnn, new Rig().parameters, stream)).toThrow(
      'unit compute waits for a token from load before command 0 (copy)',
    )
  })

  test('refuses a stream with an illegal command', () => {
    expect(() => predictTimeline(cnn, new Rig().parameters, encode([['load', {}]]))).toThrow(
      'bytes = 0 must not be zero',
    )
  })
})
