import { describe, expect, test } from 'vitest'
import { operations } from '../../../accelerators/cnn/commands/elementwise.ts'
import { type Fields, Rig, randomFrom } from '../../sim/accel/rig.ts'
import { clamp, difference, randomBytes, rescale } from './naive.ts'

/** Runs one command on an `act` of random bytes; `want` changes a copy of it into what must come out. */
function check(seed: number, name: string, fields: Fields, want: (act: Int8Array, wgt: Int8Array) => void): void {
  const rig = new Rig()
  const random = randomFrom(seed)
  rig.memory('act').set(randomBytes(random, 65536))
  rig.memory('wgt').set(randomBytes(random, 4096))
  const expected = rig.memory('act').slice()
  want(expected, rig.memory('wgt'))
  rig.run([[name, fields]])
  expect(rig.model.error).toBeUndefined()
  expect(difference(rig.memory('act'), expected)).toBeUndefined()
}

describe('ELEMENTWISE', () => {
  test.each(Object.entries(operations))('%s rescales both operands, as TFLite does', (name, operation) => {
    const random = randomFrom(21)
    for (let round = 0; round < 10; round++) {
      const f = {
        ...{ a: random(0, 50), b: random(3000, 3050), output: random(6000, 6050), count: random(1, 2000), operation },
        ...{ zeroPointA: random(-128, 127), zeroPointB: random(-128, 127), zeroPointOutput: random(-128, 127) },
        ...{ leftShift: 20, multiplierA: random(1 << 30, 0x7fffffff), multiplierB: random(1 << 30, 0x7fffffff) },
        ...{ shiftA: random(-3, 0), shiftB: random(-3, 0), multiplierOutput: random(1 << 30, 0x7fffffff) },
        shiftOutput: name === 'mul' ? random(-9, -4) : random(-20, -17),
        ...{ activationMin: random(-128, -90), activationMax: random(90, 127) },
      }
      check(round, 'elementwise', f, (act) => {
        for (let i = 0; i < f.count; i++) {
          const a = act[f.a + i]! - f.zeroPointA
          const b = act[f.b + i]! - f.zeroPointB
          const scaledA = rescale(a * 2 ** f.leftShift, f.multiplierA, f.shiftA)
          const scaledB = rescale(b * 2 ** f.leftShift, f.multiplierB, f.shiftB)
          const combined = { add: scaledA + scaledB, sub: scaledA - scaledB, mul: a * b }[name]!
          const value = rescale(combined, f.multiplierOutput, f.shiftOutput) + f.zeroPointOutput
          act[f.output + i] = clamp(value, f.activationMin, f.activationMax)
        }
      })
    }
  })

  test('the result may take the place of an operand', () => {
    const identity = { multiplierOutput: 1 << 30, shiftOutput: 1, multiplierA: 1 << 30, multiplierB: 1 << 30 }
    const f = { a: 0, b: 64, output: 0, count: 64, ...identity, shiftA: 1, shiftB: 1 }
    check(1, 'elementwise', { ...f, activationMin: -128, activationMax: 127 }, (act) => {
      for (let i = 0; i < 64; i++) act[i] = clamp(act[i]! + act[64 + i]!, -128, 127)
    })
  })
})

describe('POOL', () => {
  const randomWindow = (random: (low: number, high: number) => number) => {
    const channels = random(1, 40)
    const kernelHeight = random(1, 4)
    const kernelWidth = random(1, 4)
    const inHeight = random(kernelHeight, 9)
    const inWidth = random(kernelWidth, 9)
    const strideHeight = random(1, 3)
    const strideWidth = random(1, 3)
    const padTop = random(0, kernelHeight - 1)
    const padLeft = random(0, kernelWidth - 1)
    const inputPixelStride = channels + random(0, 3)
    const outputPixelStride = channels + random(0, 3)
    return {
      ...{ channels, kernelHeight, kernelWidth, inHeight, inWidth, strideHeight, strideWidth, padTop, padLeft },
      outHeight: Math.floor((inHeight - 1 + padTop) / strideHeight) + 1,
      outWidth: Math.floor((inWidth - 1 + padLeft) / strideWidth) + 1,
      ...{ input: random(0, 9), output: 20_000, inputPixelStride, outputPixelStride },
      inputRowStride: inWidth * inputPixelStride + random(0, 5),
      outputRowStride: 12 * outputPixelStride,
      ...{ activationMin: random(-128, -90), activationMax: random(90, 127) },
    }
  }

  /** Values of a window that lie inside the input. */
  function windowOf(
    f: ReturnType<typeof randomWindow>,
    act: Int8Array,
    y: number,
    x: number,
    channel: number,
  ): number[] {
    const values: number[] = []
    for (let row = 0; row < f.inHeight; row++)
      for (let column = 0; column < f.inWidth; column++) {
        const inside = (at: number, out: number, stride: number, pad: number, kernel: number) =>
          at >= out * stride - pad && at < out * stride - pad + kernel
        if (!inside(row, y, f.strideHeight, f.padTop, f.kernelHeight)) continue
        if (!inside(column, x, f.strideWidth, f.padLeft, f.kernelWidth)) continue
        values.push(act[f.input + row * f.inputRowStride + column * f.inputPixelStride + channel]!)
      }
    return values
  }

  function checkPool(
    seed: number,
    fields: ReturnType<typeof randomWindow>,
    more: Fields,
    of: (window: number[]) => number,
  ) {
    const f = fields
    check(seed, 'pool', { ...f, ...more }, (act) => {
      for (let y = 0; y < f.outHeight; y++)
        for (let x = 0; x < f.outWidth; x++)
          for (let channel = 0; channel < f.channels; channel++)
            act[f.output + y * f.outputRowStride + x * f.outputPixelStride + channel] = clamp(
              of(windowOf(f, act, y, x, channel)),
              f.activationMin,
              f.activationMax,
            )
    })
  }

  test('maximum of what the window has inside the input', () => {
    const random = randomFrom(31)
    for (let round = 0; round < 15; round++)
      checkPool(round, randomWindow(random), { kind: 0 }, (window) => Math.max(...window))
  })

  test('average over what the window has inside the input, half away from zero', () => {
    const random = randomFrom(32)
    const identity = { kind: 1, multiplier: 1 << 30, shift: 1 }
    for (let round = 0; round < 15; round++)
      checkPool(round, randomWindow(random), identity, (window) => {
        const mean = window.reduce((sum, x) => sum + x, 0) / window.length
        return Math.sign(mean) * Math.floor(Math.abs(mean) + 0.5)
      })
  })

  test('average with another scale and zero points: the mean as TFLite computes it', () => {
    const random = randomFrom(33)
    for (let round = 0; round < 15; round++) {
      const zeroPoints = { inputZeroPoint: random(-128, 127), outputZeroPoint: random(-50, 50) }
      const scale = { kind: 1, multiplier: random(1 << 30, 0x7fffffff), shift: random(-2, 1) }
      checkPool(round, randomWindow(random), { ...scale, ...zeroPoints }, (window) => {
        const sum = window.reduce((total, x) => total + x - zeroPoints.inputZeroPoint, 0)
        const scaled = rescale(sum, scale.multiplier, scale.shift)
        const rounded =
          Math.sign(scaled) * Math.floor((Math.abs(scaled) + Math.floor(window.length / 2)) / window.length)
        return rounded + zeroPoints.outputZeroPoint
      })
    }
  })
})

test('TABLE replaces every byte by its entry', () => {
  check(41, 'table', { input: 100, output: 5000, count: 3000, table: 33 }, (act, wgt) => {
    for (let i = 0; i < 3000; i++) act[5000 + i] = wgt[33 + act[100 + i]! + 128]!
  })
})

describe('COPY', () => {
  const shape = { bytes: 5, rows: 4, planes: 3 }

  test('moves three dimensions', () => {
    const from = { input: 7, inputRowStride: 9, inputPlaneStride: 101 }
    const to = { output: 3000, outputRowStride: 6, outputPlaneStride: 50 }
    check(51, 'copy', { ...shape, ...from, ...to }, (act) => {
      for (let plane = 0; plane < 3; plane++)
        for (let row = 0; row < 4; row++)
          for (let i = 0; i < 5; i++) act[3000 + plane * 50 + row * 6 + i] = act[7 + plane * 101 + row * 9 + i]!
    })
  })

  test('fills three dimensions with one value', () => {
    const to = { output: 3000, outputRowStride: 6, outputPlaneStride: 50 }
    check(52, 'copy', { ...shape, ...to, mode: 1, value: -77 }, (act) => {
      for (let plane = 0; plane < 3; plane++)
        for (let row = 0; row < 4; row++) act.fill(-77, 3000 + plane * 50 + row * 6, 3000 + plane * 50 + row * 6 + 5)
    })
  })

  test('a run may overlap its own source', () => {
    check(53, 'copy', { bytes: 500, rows: 1, planes: 1, input: 0, output: 3 }, (act) => {
      act.set(act.slice(0, 500), 3)
    })
  })
})
