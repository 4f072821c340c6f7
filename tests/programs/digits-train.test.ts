import { describe, expect, it } from 'vitest'
import { importTflite } from '../../compiler/import/tflite/import-tflite.ts'
import { tensorOf } from '../../compiler/ir/graph.ts'
import { ReferenceInterpreter } from '../../compiler/reference/evaluate-graph.ts'
import { distort } from '../../programs/digits/train/augment.ts'
import { matrix, multiplyAdd, transposed } from '../../programs/digits/train/gemm.ts'
import { argmax, Model } from '../../programs/digits/train/model.ts'
import type { LayerSpec } from '../../programs/digits/train/network.ts'
import { Adam } from '../../programs/digits/train/optimiser.ts'
import { activationQuantisation, calibrate, quantise } from '../../programs/digits/train/quantisation.ts'
import { Random } from '../../programs/digits/train/random.ts'
import { writeTflite } from '../../programs/digits/train/tflite-writer.ts'

/** Small, with every kind of layer, odd sizes and both strides. */
const network: readonly LayerSpec[] = [
  { name: 'image', op: 'image', shape: [7, 7, 1] },
  { name: 'stem', op: 'conv', from: 'image', filter: { kernel: 3, stride: 1, relu: true }, channels: 5 },
  { name: 'shrink', op: 'depthwise', from: 'stem', filter: { kernel: 3, stride: 2, relu: true } },
  { name: 'residual', op: 'conv', from: 'shrink', filter: { kernel: 3, stride: 1, relu: false }, channels: 5 },
  { name: 'join', op: 'add', from: 'shrink', and: 'residual' },
  { name: 'pool', op: 'average', from: 'join', kernel: 2 },
  { name: 'logits', op: 'dense', from: 'pool', channels: 3 },
]

const randomImage = (random: Random): Uint8Array => Uint8Array.from({ length: 49 }, () => random.next() * 256)

describe('training', () => {
  it('multiplies matrices of any size, transposed or not', () => {
    const random = new Random(3)
    const [m, n, k] = [6, 5, 7]
    const a = Float32Array.from({ length: m * k }, () => random.symmetric(1))
    const b = Float32Array.from({ length: n * k }, () => random.symmetric(1))
    const c = new Float32Array(m * n).fill(1)
    multiplyAdd(m, n, k, matrix(a, k), transposed(matrix(b, k)), matrix(c, n))
    for (const [at, value] of c.entries()) {
      const [i, j] = [Math.floor(at / n), at % n]
      let sum = 1
      for (let t = 0; t < k; t++) sum += a[i * k + t]! * b[j * k + t]!
      expect(value).toBeCloseTo(sum, 5)
    }
  })

  it('computes the gradients that finite differences of the loss show', () => {
    const random = new Random(7)
    const model = new Model(network, random)
    model.input.set(Float32Array.from({ length: 49 }, () => random.next()))
    // Keeps the sums of the ReLUs away from 0, where the loss has no derivative.
    for (const { value, fanIn } of model.parameters) if (fanIn === 0) value.fill(0.5)
    model.learn(1)
    const gradients = model.parameters.map(({ gradient }) => gradient.slice())
    const lossWith = (value: Float32Array, i: number, change: number): number => {
      const before = value[i]!
      value[i] = before + change
      const loss = model.learn(1)
      value[i] = before
      return loss
    }
    for (const [p, { value }] of model.parameters.entries()) {
      for (let i = 0; i < value.length; i += 4) {
        const slope = (lossWith(value, i, 1e-3) - lossWith(value, i, -1e-3)) / 2e-3
        expect(gradients[p]![i]).toBeCloseTo(slope, 2)
      }
    }
  })

  it('learns, and gives the same bits again from the same seed', () => {
    const train = (): { losses: number[]; weights: Float32Array } => {
      const random = new Random(11)
      const model = new Model(network, random)
      const optimiser = new Adam(model.parameters, 1e-2)
      const images = [0, 1, 2].map(() => Float32Array.from({ length: 49 }, () => random.next()))
      const losses = Array.from({ length: 60 }, () => {
        let loss = 0
        for (const [label, image] of images.entries()) {
          model.input.set(image)
          loss += model.learn(label)
        }
        optimiser.step(1e-2, images.length)
        return loss / images.length
      })
      return { losses, weights: model.parameters[0]!.value }
    }
    const first = train()
    expect(first.losses.at(-1)).toBeLessThan(first.losses[0]! / 10)
    expect(train()).toEqual(first)
  })

  it('distorts a digit without leaving [0, 1], and keeps its ink near the middle', () => {
    const pixels = new Uint8Array(784)
    for (let y = 10; y < 18; y++) pixels.fill(255, y * 28 + 10, y * 28 + 18)
    const distorted = new Float32Array(784)
    distort(pixels, new Random(5), distorted)
    expect(Math.min(...distorted)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...distorted)).toBe(1)
    expect(distorted.reduce((sum, ink) => sum + ink)).toBeGreaterThan(40)
    expect(distorted).not.toEqual(Float32Array.from(pixels, (pixel) => pixel / 255))
  })
})

describe('quantisation', () => {
  it('represents real 0 exactly and fits the range into 256 steps', () => {
    expect(activationQuantisation({ minimum: 0, maximum: 2.55 })).toMatchObject({ zeroPoint: -128 })
    const { scales, zeroPoint } = activationQuantisation({ minimum: -1, maximum: 4 })
    expect(scales[0]).toBe(Math.fround(5 / 255))
    expect(zeroPoint).toBe(Math.round(-128 + 255 / 5))
  })

  it('writes a file that is imported with the same numbers, and computes nearly what the float network computes', () => {
    const random = new Random(13)
    const model = new Model(network, random)
    const images = Array.from({ length: 50 }, () => randomImage(random))
    const quantised = quantise(network, model, calibrate(model, images))
    const graph = importTflite(writeTflite(quantised), 'small.tflite')

    for (const { name, shape, quantisation, data } of quantised.tensors) {
      const imported = graph.tensors.find((tensor) => tensor.name === name)
      // The shape of a reshape becomes an attribute of the operator.
      if (imported === undefined) expect(name).toBe('pool/row')
      else {
        expect(imported.shape).toEqual(shape)
        expect(imported.data).toEqual(data)
        expect(imported.quantisation?.scales).toEqual(quantisation?.scales)
        expect(imported.quantisation?.zeroPoints.every((value) => value === quantisation?.zeroPoint)).toBe(true)
      }
    }

    const interpreter = new ReferenceInterpreter(graph)
    const logits = quantised.tensors.find(({ name }) => name === 'logits')!.quantisation!
    for (const image of images) {
      const expected = [...model.infer(image)]
      let integers: ArrayLike<number> = []
      interpreter.run([Int8Array.from(image, (pixel) => pixel - 128)], ({ outputs }, values) => {
        if (tensorOf(graph, outputs[0]!).name === 'logits') integers = values[0] as Int8Array
      })
      const range = Math.max(...expected.map(Math.abs))
      for (const [i, value] of Array.from(integers).entries()) {
        const real = logits.scales[0]! * (value - logits.zeroPoint)
        expect(Math.abs(real - expected[i]!)).toBeLessThan(0.1 * range + 0.05)
      }
      expect(integers).toHaveLength(3)
    }
    expect(argmax([1, 3, 3])).toBe(1)
  })
})
