import { Add } from './add.ts'
import { Average } from './average.ts'
import { Convolution } from './convolution.ts'
import { Depthwise } from './depthwise.ts'
import { Image, type Layer, type Parameter } from './layer.ts'
import type { LayerSpec } from './network.ts'
import type { Random } from './random.ts'

/** A network that can be run and trained in floating point, one image at a time. */
export class Model {
  readonly layers: ReadonlyMap<string, Layer>
  readonly parameters: readonly Parameter[]
  readonly #order: readonly Layer[]

  /** Builds the rows in order; the first must be the image. Weights start uniform with the variance 2 / fan-in (He). */
  constructor(rows: readonly LayerSpec[], random: Random) {
    const layers = new Map<string, Layer>()
    for (const row of rows)
      layers.set(
        row.name,
        build(row, (name) => layers.get(name)!),
      )
    this.layers = layers
    this.#order = [...layers.values()]
    this.parameters = this.#order.flatMap((layer) => layer.parameters)
    for (const { value, fanIn } of this.parameters) {
      if (fanIn > 0) value.set(value.map(() => random.symmetric(Math.sqrt(6 / fanIn))))
    }
  }

  /** The buffer to write an image into, as reals. */
  get input(): Float32Array {
    return this.#order[0]!.output
  }

  /** Computes the logits of an image of pixels 0..255. */
  infer(pixels: Uint8Array): Float32Array {
    for (const [i, pixel] of pixels.entries()) this.input[i] = pixel / 255
    return this.#forward()
  }

  /** Adds the gradient of the cross-entropy loss of the image in `input` for `label` to every parameter; returns the loss. */
  learn(label: number): number {
    const logits = this.#forward()
    for (const layer of this.#order) layer.gradient.fill(0)
    const probabilities = softmax(logits)
    const gradient = this.#order.at(-1)!.gradient
    for (const [i, p] of probabilities.entries()) gradient[i] = i === label ? p - 1 : p
    for (const layer of this.#order.toReversed()) layer.backward()
    return -Math.log(probabilities[label]!)
  }

  #forward(): Float32Array {
    for (const layer of this.#order) layer.forward()
    return this.#order.at(-1)!.output
  }
}

function build(row: LayerSpec, layer: (name: string) => Layer): Layer {
  switch (row.op) {
    case 'image':
      return new Image(row.shape)
    case 'conv':
      return new Convolution(layer(row.from), row.filter, row.channels)
    case 'depthwise':
      return new Depthwise(layer(row.from), row.filter)
    case 'add':
      return new Add(layer(row.from), layer(row.and))
    case 'average':
      return new Average(layer(row.from), row.kernel)
    case 'dense':
      return buildDense(layer(row.from), row.channels)
  }
}

/** A dense layer is a convolution whose only window is the whole (square) feature map. */
function buildDense(source: Layer, channels: number): Convolution {
  const [height, width] = source.shape
  if (height !== width) throw new Error(`a dense layer reads a square feature map, not ${height} x ${width}`)
  return new Convolution(source, { kernel: height, stride: height, relu: false }, channels)
}

function softmax(logits: Float32Array): number[] {
  const largest = Math.max(...logits)
  const powers = Array.from(logits, (value) => exponential(value - largest))
  const sum = powers.reduce((total, power) => total + power)
  return powers.map((power) => power / sum)
}

/**
 * e to the power x for x <= 0, from exactly rounded operations only: halve x until its series converges fast, then square.
 * ECMAScript leaves the last bits of Math.exp to the engine, and training must give the same bits everywhere.
 */
function exponential(x: number): number {
  const reduced = Math.max(x, -700) / 1024
  let power = 1
  for (let term = 8; term > 0; term--) power = 1 + (power * reduced) / term
  for (let doubling = 0; doubling < 10; doubling++) power *= power
  return power
}

/** The index of the largest value, the first of equals. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
