/** The commands in WebAssembly SIMD against their plain reference: every byte of every memory, on random shapes. */
import { describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { Effects } from '../../../sim/accel/effects.ts'
import type { IssuedCommand } from '../../../sim/accel/listener.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { type Fields, randomFrom } from '../../sim/accel/rig.ts'
import { difference, type Random } from './naive.ts'

const KIB = 1024
const noRam = { read: () => false, write: () => false }

/** The same description, but only what SIMD does: anything left to the reference is an error. */
const simdOnly = {
  ...cnn,
  commands: Object.fromEntries(
    Object.entries(cnn.commands).map(([name, spec]) => [
      name,
      {
        ...spec,
        execute: () => {
          throw new Error(`${name} was left to the reference`)
        },
      },
    ]),
  ),
} as typeof cnn

/** Both kinds of effects on memories with the same random content. */
class Pair {
  readonly parameters
  readonly reference: Effects
  readonly simd: Effects
  readonly random: Random
  private readonly both: readonly (readonly [Effects, typeof cnn])[]

  constructor(overrides: Fields, seed: number, description = simdOnly) {
    this.parameters = resolveParameters(cnn, { weightKiB: 256, ...overrides })
    this.reference = new Effects(cnn as never, this.parameters, 'reference')
    this.simd = new Effects(description as never, this.parameters, 'fast')
    this.both = [
      [this.reference, cnn],
      [this.simd, description],
    ]
    this.random = randomFrom(seed)
    for (const [name, memory] of Object.entries(this.reference.memories)) {
      for (let i = 0; i < memory.length; i++) memory[i] = this.random(-128, 127)
      this.simd.memories[name]!.set(memory)
    }
  }

  /** Requantisation parameters whose results spread over the range; every fifth channel has any at all. */
  channels(at: number, count: number): void {
    for (const { memories } of [this.reference, this.simd]) {
      const random = randomFrom(count)
      const view = new DataView(memories.wgt!.buffer, memories.wgt!.byteOffset)
      for (let channel = 0; channel < count; channel++) {
        const any = channel % 5 === 0
        const values = any
          ? [random(0, 0xffff_ffff), random(0, 0xffff_ffff), random(-40, 40)]
          : [random(-9000, 9000), random(2 ** 30, 2 ** 31 - 1), random(-12, -4)]
        for (const [i, value] of values.entries()) view.setInt32(at + 12 * channel + 4 * i, value | 0, true)
      }
    }
  }

  run(name: string, fields: Fields): void {
    for (const [effects, { commands }] of this.both) {
      const spec = commands[name]!
      expect(spec.check(fields, this.parameters)).toBeUndefined()
      expect(effects.execute({ name, spec, fields } as IssuedCommand, noRam, 0)).toBeUndefined()
    }
    for (const [memory, want] of Object.entries(this.reference.memories))
      expect([memory, difference(this.simd.memories[memory]!, want), fields]).toEqual([memory, undefined, fields])
  }
}

const clamps = (random: Random) => ({
  outputZeroPoint: random(-128, 127),
  activationMin: random(-128, -60),
  activationMax: random(-59, 127),
})

/** A window over a tile of any strides; inputs stand at 0, outputs above 40 KiB. */
function randomWindow(random: Random, inChannels: number, outChannels: number): Fields {
  const once = (n: number, a: number) => (random(1, n) === 1 ? a : 1)
  const [kernelHeight, kernelWidth] = [random(1, 4), random(1, 4)]
  const [strideHeight, strideWidth] = [random(1, 3), random(1, 3)]
  const [dilationHeight, dilationWidth] = [once(3, 2), once(3, 2)]
  const [outHeight, outWidth] = [random(1, 7), random(1, 7)]
  const inputPixelStride = inChannels + random(0, 1) * random(0, 9)
  const outputPixelStride = outChannels + random(0, 1) * random(0, 9)
  const width = (outWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1
  return {
    ...{ kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, outHeight, outWidth },
    ...{ inputPixelStride, outputPixelStride },
    inputRowStride: width * inputPixelStride + random(0, 1) * random(0, 90),
    outputRowStride: outWidth * outputPixelStride + random(0, 20),
    input: random(0, 40),
    output: 128 * KIB + random(0, 40),
    ...clamps(random),
  }
}

const sweeps: readonly Fields[] = [
  {},
  { rows: 8, columns: 32 },
  { rows: 4, columns: 4 },
  { columns: 12 },
  { columns: 8, activationKiB: 1024, weightKiB: 1024 },
]
const PARAMETERS_AT = 240 * KIB

describe.each(sweeps)('with %o', (parameters) => {
  const big = { activationKiB: 256, accumulatorKiB: 256, ...parameters }

  test('CONV', () => {
    const pair = new Pair(big, 1)
    const { random } = pair
    for (let round = 0; round < 60; round++) {
      const [inChannels, outChannels] = [random(1, 40), random(1, 70)]
      pair.channels(PARAMETERS_AT, outChannels)
      const weights = pair.parameters.columns * random(0, 9)
      const channels = { inChannels, outChannels, parameters: PARAMETERS_AT }
      pair.run('conv', { ...randomWindow(random, inChannels, outChannels), ...channels, weights, partial: 0 })
    }
  })

  test('CONV that keeps and continues sums', () => {
    const pair = new Pair(big, 2)
    const { random } = pair
    for (let round = 0; round < 15; round++) {
      const [inChannels, outChannels] = [random(1, 20), random(1, 40)]
      pair.channels(PARAMETERS_AT, outChannels)
      const window = randomWindow(random, inChannels, outChannels)
      for (const partial of [1, 3, 3, 2])
        pair.run('conv', { ...window, inChannels, outChannels, parameters: PARAMETERS_AT, weights: 0, partial })
    }
  })

  test('FULLY CONNECTED', () => {
    const pair = new Pair(big, 3)
    const { random } = pair
    for (let round = 0; round < 30; round++) {
      const [inputs, outputs, batch] = [random(1, 700), random(1, 70), random(1, 6)]
      pair.channels(PARAMETERS_AT, outputs)
      const strides = { inputStride: inputs + random(0, 3), outputStride: outputs + random(0, 3) }
      const places = { input: random(0, 99), output: 128 * KIB, weights: 0, parameters: PARAMETERS_AT, partial: 0 }
      pair.run('fullyConnected', { inputs, outputs, batch, ...strides, ...places, ...clamps(random) })
    }
  })

  test('DEPTHWISE', () => {
    const pair = new Pair(big, 4)
    const { random } = pair
    for (let round = 0; round < 60; round++) {
      const channels = random(1, 70)
      pair.channels(PARAMETERS_AT, channels)
      const places = { weights: pair.parameters.columns * random(0, 9), parameters: PARAMETERS_AT }
      pair.run('depthwise', { ...randomWindow(random, channels, channels), channels, ...places })
    }
  })
})

test.each([0, 1, 2])('ELEMENTWISE, operation %i, with any multipliers and shifts', (operation) => {
  const pair = new Pair({}, 7)
  const { random } = pair
  const zeroPoint = () => random(-128, 127)
  for (let round = 0; round < 100; round++) {
    const shift = () => (random(1, 3) === 1 ? random(-31, 30) : random(-20, 0))
    const multiplier = () => (random(1, 3) === 1 ? random(0, 0xffff_ffff) | 0 : random(2 ** 30, 2 ** 31 - 1))
    const a = random(0, 50)
    const places = { a, b: 3000 + random(0, 50), output: random(1, 4) === 1 ? a : 6000 + random(0, 50) }
    pair.run('elementwise', {
      ...{ ...places, count: random(1, 300), operation, leftShift: random(0, 20) },
      ...{ zeroPointA: zeroPoint(), zeroPointB: zeroPoint(), zeroPointOutput: zeroPoint() },
      ...{ multiplierA: multiplier(), multiplierB: multiplier(), multiplierOutput: multiplier() },
      ...{ shiftA: shift(), shiftB: shift(), shiftOutput: shift() },
      ...{ activationMin: random(-128, -60), activationMax: random(-59, 127) },
    })
  }
})

test.each([0, 1])('POOL, kind %i, over clipped windows', (kind) => {
  const pair = new Pair({}, 8)
  const { random } = pair
  for (let round = 0; round < 150; round++) {
    const channels = random(1, 50)
    const [kernelHeight, kernelWidth] = [random(1, 5), random(1, 5)]
    const [inHeight, inWidth] = [random(kernelHeight, 9), random(kernelWidth, 9)]
    const [strideHeight, strideWidth] = [random(1, 3), random(1, 3)]
    const [padTop, padLeft] = [random(0, kernelHeight - 1), random(0, kernelWidth - 1)]
    const [inputPixelStride, outputPixelStride] = [channels + random(0, 3), channels + random(0, 3)]
    const identity = random(1, 2) === 1
    pair.run('pool', {
      ...{ kind, channels, kernelHeight, kernelWidth, inHeight, inWidth, strideHeight, strideWidth, padTop, padLeft },
      outHeight: Math.floor((inHeight - 1 + padTop) / strideHeight) + 1,
      outWidth: Math.floor((inWidth - 1 + padLeft) / strideWidth) + 1,
      ...{ input: random(0, 9), output: 20_000, inputPixelStride, outputPixelStride },
      ...{ inputRowStride: inWidth * inputPixelStride + random(0, 5), outputRowStride: 12 * outputPixelStride },
      multiplier: identity ? 2 ** 30 : random(0, 0xffff_ffff) | 0,
      ...{ shift: identity ? 1 : random(-31, 30), inputZeroPoint: random(-128, 127), ...clamps(random) },
    })
  }
})

test('tiles of more pixels than a chunk, to the last byte of the scratchpads', () => {
  const pair = new Pair({ activationKiB: 64, weightKiB: 64, accumulatorKiB: 256 }, 5)
  const tile = { kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 }
  const strides = { inputPixelStride: 8, inputRowStride: 320, outputPixelStride: 5, outputRowStride: 200 }
  const places = { input: 64 * KIB - 12_800, output: 0, weights: 64 * KIB - 128, parameters: 32 * KIB }
  const sizes = { outHeight: 40, outWidth: 40, inChannels: 8, outChannels: 5, partial: 0 }
  pair.channels(places.parameters, 5)
  pair.run('conv', { ...tile, ...strides, ...sizes, ...places, ...clamps(pair.random) })
})

describe('what depends on the order of pixels is left to the reference', () => {
  const f = {
    ...{ kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
    ...{
      outHeight: 4,
      outWidth: 5,
      inputPixelStride: 8,
      inputRowStride: 40,
      outputPixelStride: 8,
      outputRowStride: 40,
    },
    ...{ inChannels: 8, outChannels: 8, weights: 0, parameters: 4096, input: 1000, output: 9000, partial: 0 },
    ...{ outputZeroPoint: 0, activationMin: -128, activationMax: 127 },
  }
  test.each([
    ['results over the input', { output: 1003 }],
    ['pixels over one another', { outputPixelStride: 3 }],
    ['rows over one another', { outputRowStride: 10 }],
  ])('%s', (_, change) => {
    expect(() => new Pair({}, 6).run('conv', { ...f, ...change })).toThrow('left to the reference')
    new Pair({}, 6).run('conv', f)
    new Pair({}, 6, cnn).run('conv', { ...f, ...change })
  })
})
