import { describe, expect, test } from 'vitest'
import type { Fields } from '../../sim/accel/rig.ts'
import { Rig, randomFrom } from '../../sim/accel/rig.ts'
import {
  type Channel,
  clamp,
  difference,
  putChannels,
  type Random,
  randomBytes,
  randomChannels,
  rescale,
} from './naive.ts'

const PARAMETERS_AT = 48 * 1024
const OUTPUT_AT = 40 * 1024

/** A random convolution whose pixels need not be dense, in the scratchpads of a rig. */
function randomShape(random: Random) {
  const inChannels = random(1, 40)
  const outChannels = random(1, 40)
  const kernelHeight = random(1, 4)
  const kernelWidth = random(1, 4)
  const strideHeight = random(1, 3)
  const strideWidth = random(1, 3)
  const dilationHeight = random(1, 2)
  const dilationWidth = random(1, 2)
  const outHeight = random(1, 5)
  const outWidth = random(1, 5)
  const inputPixelStride = inChannels + random(0, 3)
  const outputPixelStride = outChannels + random(0, 3)
  const width = (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1
  return {
    ...{ inChannels, outChannels, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth },
    ...{ outHeight, outWidth, inputPixelStride, outputPixelStride },
    inputRowStride: width * inputPixelStride + random(0, 5),
    outputRowStride: outWidth * outputPixelStride + random(0, 5),
    outputZeroPoint: random(-20, 20),
    activationMin: random(-128, -100),
    activationMax: random(60, 127),
    input: random(0, 9),
    output: OUTPUT_AT + random(0, 9),
    weights: 0,
    parameters: PARAMETERS_AT,
  }
}
type Shape = ReturnType<typeof randomShape>

/** Packs weights [outChannels][depth] into column blocks at `at`; what pads the last block is noise. */
function packWeights(rig: Rig, at: number, weights: number[][], random: Random): void {
  const { columns } = rig.parameters
  const depth = weights[0]!.length
  for (let channel = 0; channel < Math.ceil(weights.length / columns) * columns; channel++)
    for (let k = 0; k < depth; k++)
      rig.memory('wgt')[at + (Math.floor(channel / columns) * depth + k) * columns + (channel % columns)] =
        weights[channel]?.[k] ?? random(-128, 127)
}

/** What the output must be. */
function expected(f: Shape, act: Int8Array, weights: number[][], channels: readonly Channel[]): Map<number, number> {
  const result = new Map<number, number>()
  for (let y = 0; y < f.outHeight; y++)
    for (let x = 0; x < f.outWidth; x++)
      for (let channel = 0; channel < f.outChannels; channel++) {
        let sum = channels[channel]!.bias
        let k = 0
        for (let ky = 0; ky < f.kernelHeight; ky++)
          for (let kx = 0; kx < f.kernelWidth; kx++)
            for (let c = 0; c < f.inChannels; c++) {
              const row = y * f.strideHeight + ky * f.dilationHeight
              const column = x * f.strideWidth + kx * f.dilationWidth
              const at = f.input + row * f.inputRowStride + column * f.inputPixelStride + c
              sum += act[at]! * weights[channel]![k++]!
            }
        const { multiplier, shift } = channels[channel]!
        const value = rescale(sum, multiplier, shift) + f.outputZeroPoint
        const at = f.output + y * f.outputRowStride + x * f.outputPixelStride + channel
        result.set(at, clamp(value, f.activationMin, f.activationMax))
      }
  return result
}

/** Fills a rig with random data for a shape, runs what `commands` makes of it and compares every byte of `act`. */
function check(
  rig: Rig,
  f: Shape,
  random: Random,
  commands: (weights: number[][]) => readonly (readonly [string, Fields])[],
  weights = Array.from({ length: f.outChannels }, () =>
    randomBytes(random, f.kernelHeight * f.kernelWidth * f.inChannels),
  ),
): void {
  const channels = randomChannels(random, f.outChannels)
  const act = rig.memory('act')
  act.set(randomBytes(random, act.length))
  packWeights(rig, f.weights, weights, random)
  putChannels(rig.memory('wgt'), f.parameters, channels)
  const want = act.slice()
  for (const [at, value] of expected(f, act, weights, channels)) want[at] = value
  rig.run(commands(weights))
  expect(rig.model.error).toBeUndefined()
  expect(difference(act, want)).toBeUndefined()
}

const sweeps = [{}, { rows: 8, columns: 32 }, { rows: 32, columns: 8 }, { columns: 4, lanes: 8 }]

describe.each(sweeps)('with %o', (parameters) => {
  test('CONV sums over the window, requantises per channel, clamps, and writes nothing else', () => {
    const random = randomFrom(11)
    for (let round = 0; round < 12; round++) {
      const f = randomShape(random)
      check(new Rig(parameters), f, random, () => [['conv', f]])
    }
  })

  test('a reduction cut in three gives what one command gives', () => {
    const random = randomFrom(12)
    for (let round = 0; round < 6; round++) {
      const f = { ...randomShape(random), inChannels: 30, inputPixelStride: 30, inputRowStride: 30 * 30 }
      const rig = new Rig({ ...parameters, weightKiB: 256 })
      const parts = [0, 7, 20].map((from, index) => ({ from, to: [7, 20, 30][index]!, partial: [1, 3, 2][index]! }))
      check(rig, f, random, (weights) =>
        parts.map(({ from, to, partial }, index) => {
          const part = weights.map((row) => row.filter((_, k) => k % 30 >= from && k % 30 < to))
          const at = (index + 1) * 64 * 1024
          packWeights(rig, at, part, random)
          return ['conv', { ...f, partial, inChannels: to - from, input: f.input + from, weights: at }]
        }),
      )
    }
  })

  test('FULLY CONNECTED is the 1x1 case over a batch', () => {
    const random = randomFrom(13)
    for (let round = 0; round < 8; round++) {
      const batch = random(1, 5)
      const inChannels = random(1, 300)
      const stride = inChannels + random(0, 4)
      const one = {
        kernelHeight: 1,
        kernelWidth: 1,
        strideHeight: 1,
        strideWidth: 1,
        dilationHeight: 1,
        dilationWidth: 1,
      }
      const f = { ...randomShape(random), ...one, inChannels, inputPixelStride: stride, outHeight: 1, outWidth: batch }
      const { input, weights, parameters: at, output, outputZeroPoint, activationMin, activationMax } = f
      const vectors = { inputs: inChannels, outputs: f.outChannels, batch }
      const strides = { inputStride: stride, outputStride: f.outputPixelStride }
      const clamps = { outputZeroPoint, activationMin, activationMax }
      check(new Rig(parameters), f, random, () => [
        ['fullyConnected', { input, weights, parameters: at, output, ...vectors, ...strides, ...clamps }],
      ])
    }
  })

  test('DEPTHWISE is a convolution of every channel with its own kernel', () => {
    const random = randomFrom(14)
    for (let round = 0; round < 10; round++) {
      const shape = randomShape(random)
      const channels = shape.outChannels
      const f = { ...shape, inChannels: channels, inputPixelStride: channels + 2, inputRowStride: 20 * (channels + 2) }
      const rig = new Rig({ ...parameters, weightKiB: 256 })
      const taps = f.kernelHeight * f.kernelWidth
      const kernels = Array.from({ length: channels }, () => randomBytes(random, taps))
      // As a dense convolution its weights are zero but on the diagonal.
      const dense = kernels.map((kernel, channel) =>
        Array.from({ length: taps * channels }, (_, k) =>
          k % channels === channel ? kernel[Math.floor(k / channels)]! : 0,
        ),
      )
      const { inChannels, outChannels, ...rest } = f
      expect(inChannels).toBe(outChannels)
      check(
        rig,
        f,
        random,
        () => {
          packWeights(rig, 128 * 1024, kernels, random)
          return [['depthwise', { ...rest, channels, weights: 128 * 1024 }]]
        },
        dense,
      )
    }
  })

  test('shifts beyond -31 and 30 saturate there', () => {
    const run = (shift: number) => {
      const rig = new Rig(parameters)
      const f = { ...randomShape(randomFrom(16)), inChannels: 1, outChannels: 1 }
      rig.memory('act').fill(3)
      rig.memory('wgt').fill(1)
      putChannels(rig.memory('wgt'), f.parameters, [{ bias: 1, multiplier: 0x7fffffff, shift }])
      rig.run([['conv', f]])
      return rig.memory('act')[f.output]
    }
    expect(run(100)).toBe(run(30))
    expect(run(-100)).toBe(run(-31))
    expect(run(-100)).not.toBe(run(0))
  })

  test('sums do not survive another command of the array', () => {
    const rig = new Rig(parameters)
    const f = { ...randomShape(randomFrom(15)), partial: 1 }
    rig.run([['conv', f]])
    const kept = rig.memory('acc').slice(0, 64)
    rig.run([['conv', { ...f, partial: 0 }]])
    expect(rig.memory('acc').slice(0, 64)).not.toEqual(kept)
  })
})
