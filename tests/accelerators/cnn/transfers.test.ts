import { describe, expect, test } from 'vitest'
import { RAM, Rig, randomFrom } from '../../sim/accel/rig.ts'
import { difference, randomBytes } from './naive.ts'

type Random = (low: number, high: number) => number

const randomTransfer = (random: Random) => {
  const bytes = random(1, 20)
  const rows = random(1, 6)
  const planes = random(1, 6)
  const ramRowStride = bytes + random(0, 2) * random(0, 5)
  const scratchRowStride = bytes + random(0, 2) * random(0, 5)
  return {
    ...{ ram: RAM + random(0, 40), scratch: random(0, 40), bytes, rows, planes, ramRowStride, scratchRowStride },
    ramPlaneStride: rows * ramRowStride + random(0, 9),
    scratchPlaneStride: (rows + 8) * scratchRowStride + random(0, 9),
  }
}

/** A rig with random bytes everywhere. */
function noisyRig(random: Random): Rig {
  const rig = new Rig()
  rig.ram.set(new Uint8Array(randomBytes(random, 20_000)))
  rig.memory('act').set(randomBytes(random, 65536))
  rig.memory('wgt').set(randomBytes(random, 65536))
  return rig
}

describe('LOAD', () => {
  test.each(['act', 'wgt'] as const)('copies into a frame of padding in %s and touches nothing else', (memory) => {
    const random = randomFrom(61)
    for (let round = 0; round < 30; round++) {
      const rig = noisyRig(random)
      const pads = { padTop: random(0, 2), padBottom: random(0, 2), padLeft: random(0, 3), padRight: random(0, 3) }
      const f = { ...randomTransfer(random), ...pads, padValue: random(-128, 127), memory: memory === 'act' ? 0 : 1 }
      const want = rig.memory(memory).slice()
      for (let y = -f.padTop; y < f.planes + f.padBottom; y++)
        for (let x = -f.padLeft; x < f.rows + f.padRight; x++)
          for (let c = 0; c < f.bytes; c++) {
            const inside = y >= 0 && y < f.planes && x >= 0 && x < f.rows
            const from = f.ram - RAM + y * f.ramPlaneStride + x * f.ramRowStride + c
            const to = f.scratch + (y + f.padTop) * f.scratchPlaneStride + (x + f.padLeft) * f.scratchRowStride + c
            want[to] = inside ? rig.ram[from]! : f.padValue
          }
      rig.run([['load', f]])
      expect(rig.model.error).toBeUndefined()
      expect(difference(rig.memory(memory), want)).toBeUndefined()
    }
  })
})

describe('STORE', () => {
  test('copies from act and touches nothing else', () => {
    const random = randomFrom(62)
    for (let round = 0; round < 30; round++) {
      const rig = noisyRig(random)
      const f = randomTransfer(random)
      const want = rig.ram.slice(0, 20_000)
      for (let y = 0; y < f.planes; y++)
        for (let x = 0; x < f.rows; x++)
          for (let c = 0; c < f.bytes; c++) {
            const to = f.ram - RAM + y * f.ramPlaneStride + x * f.ramRowStride + c
            want[to] = rig.memory('act')[f.scratch + y * f.scratchPlaneStride + x * f.scratchRowStride + c]!
          }
      rig.run([['store', f]])
      expect(rig.model.error).toBeUndefined()
      expect(difference(rig.ram.subarray(0, 20_000), want)).toBeUndefined()
    }
  })
})
