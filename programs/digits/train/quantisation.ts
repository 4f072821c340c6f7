/**
 * Post-training quantisation by TFLite's rules: int8 activations with one asymmetric scale per tensor, int8 weights that
 * are symmetric (zero point 0) with one scale per output channel, int32 biases with scale input * weight.
 */
import { Convolution } from './convolution.ts'
import { Depthwise } from './depthwise.ts'
import type { Model } from './model.ts'
import type { Filter, LayerSpec } from './network.ts'
import type {
  OperatorOptions,
  Quantisation,
  QuantisedModel,
  QuantisedOperator,
  QuantisedTensor,
} from './quantised-model.ts'

/** The smallest and largest value that a layer produced on the calibration images. */
export interface Range {
  minimum: number
  maximum: number
}

/** Runs the images (pixels 0..255) through the model and notes the range of every layer. */
export function calibrate(model: Model, images: Iterable<Uint8Array>): Map<string, Range> {
  const ranges = new Map([...model.layers.keys()].map((name): [string, Range] => [name, { minimum: 0, maximum: 0 }]))
  for (const pixels of images) {
    model.infer(pixels)
    for (const [name, layer] of model.layers) {
      const range = ranges.get(name)!
      for (const value of layer.output) {
        if (value < range.minimum) range.minimum = value
        if (value > range.maximum) range.maximum = value
      }
    }
  }
  return ranges
}

/** The int8 scale and zero point of a range, which always contains 0; real 0 is exactly representable. */
export function activationQuantisation({ minimum, maximum }: Range): Quantisation {
  const scale = Math.fround((maximum - minimum) / 255)
  return { scales: [scale], zeroPoint: Math.max(-128, Math.min(127, Math.round(-128 - minimum / scale))), axis: 0 }
}

/** Pixels 0..255 as int8 without loss. */
const imageQuantisation: Quantisation = { scales: [Math.fround(1 / 255)], zeroPoint: -128, axis: 0 }
/** TFLite fixes the scale of an int8 softmax. */
const softmaxQuantisation: Quantisation = { scales: [1 / 256], zeroPoint: -128, axis: 0 }

/** Quantises a trained model with the ranges of its layers, and ends it with a softmax. */
export function quantise(rows: readonly LayerSpec[], model: Model, ranges: ReadonlyMap<string, Range>): QuantisedModel {
  const graph = new Assembler(model, ranges)
  for (const row of rows) graph.add(row)
  const logits = graph.find(rows.at(-1)!.name)
  const { shape } = graph.tensors[logits]!
  const output = graph.tensor({ name: 'probabilities', shape, type: 'int8', quantisation: softmaxQuantisation })
  graph.operators.push({ options: { op: 'SOFTMAX' }, inputs: [logits], output })
  const { tensors, operators } = graph
  return { name: 'digits', description: 'Handwritten digits, int8', tensors, operators, input: 0, output }
}

/** Collects tensors and operators row by row. */
class Assembler {
  readonly tensors: QuantisedTensor[] = []
  readonly operators: QuantisedOperator[] = []
  readonly #model: Model
  readonly #ranges: ReadonlyMap<string, Range>

  constructor(model: Model, ranges: ReadonlyMap<string, Range>) {
    this.#model = model
    this.#ranges = ranges
  }

  tensor(tensor: QuantisedTensor): number {
    return this.tensors.push(tensor) - 1
  }

  find(name: string): number {
    return this.tensors.findIndex((tensor) => tensor.name === name)
  }

  add(row: LayerSpec): void {
    switch (row.op) {
      case 'image':
        this.#activation(row.name, imageQuantisation)
        return
      case 'conv':
        this.#convolution(row.name, row.from, row.filter, 'CONV_2D')
        return
      case 'depthwise':
        this.#convolution(row.name, row.from, row.filter, 'DEPTHWISE_CONV_2D')
        return
      case 'add':
        this.#operator(row.name, { op: 'ADD', relu: true }, [this.find(row.from), this.find(row.and)])
        return
      case 'average':
        this.#average(row.name, row.from, row.kernel)
        return
      case 'dense':
        this.#dense(row.name, row.from)
        return
    }
  }

  #activation(name: string, quantisation: Quantisation): number {
    return this.tensor({ name, shape: [1, ...this.#model.layers.get(name)!.shape], type: 'int8', quantisation })
  }

  #operator(name: string, options: OperatorOptions, inputs: readonly number[]): void {
    const output = this.#activation(name, activationQuantisation(this.#ranges.get(name)!))
    this.operators.push({ options, inputs, output })
  }

  #convolution(
    name: string,
    from: string,
    { kernel, stride, relu }: Filter,
    op: 'CONV_2D' | 'DEPTHWISE_CONV_2D',
  ): void {
    const layer = this.#model.layers.get(name)
    if (!(layer instanceof Convolution || layer instanceof Depthwise)) throw new Error(`${name} has no weights`)
    const channels = layer.shape[2]
    const source = this.find(from)
    const scales = channelScales(layer.weights.value, channels, layer.bias.value, this.#scaleOf(source))
    const quantised = quantiseWeights(layer.weights.value, scales)
    const depthwise = op === 'DEPTHWISE_CONV_2D'
    const weights = this.tensor({
      name: `${name}/weights`,
      shape: depthwise
        ? [1, kernel, kernel, channels]
        : [channels, kernel, kernel, quantised.length / (channels * kernel ** 2)],
      type: 'int8',
      quantisation: { scales, zeroPoint: 0, axis: depthwise ? 3 : 0 },
      data: depthwise ? quantised : channelsFirst(quantised, channels),
    })
    const bias = this.#bias(name, layer.bias.value, scales, source)
    this.#operator(name, { op, window: { kernel: [kernel, kernel], stride, padding: 'same' }, relu }, [
      source,
      weights,
      bias,
    ])
  }

  /** An average keeps the quantisation of its input: TFLite's kernel does not rescale. */
  #average(name: string, from: string, kernel: number): void {
    const source = this.find(from)
    const output = this.#activation(name, this.tensors[source]!.quantisation!)
    const window = { kernel: [kernel, kernel], stride: kernel, padding: 'valid' } as const
    this.operators.push({ options: { op: 'AVERAGE_POOL_2D', window }, inputs: [source], output })
  }

  /** A reshape to a row and a dense layer; its weights have one scale, which every TFLite runtime accepts. */
  #dense(name: string, from: string): void {
    const layer = this.#model.layers.get(name)
    if (!(layer instanceof Convolution)) throw new Error(`${name} has no weights`)
    const [depth, channels] = [layer.weights.fanIn, layer.shape[2]]
    const source = this.#flatten(from, depth)
    const scale = Math.fround(largestMagnitude(layer.weights.value) / 127)
    const scales = new Array<number>(channels).fill(scale)
    const weights = this.tensor({
      name: `${name}/weights`,
      shape: [channels, depth],
      type: 'int8',
      quantisation: { scales: [scale], zeroPoint: 0, axis: 0 },
      data: channelsFirst(quantiseWeights(layer.weights.value, scales), channels),
    })
    const bias = this.#bias(name, layer.bias.value, [scale], source)
    const quantisation = activationQuantisation(this.#ranges.get(name)!)
    const output = this.tensor({ name, shape: [1, channels], type: 'int8', quantisation })
    this.operators.push({ options: { op: 'FULLY_CONNECTED' }, inputs: [source, weights, bias], output })
  }

  #flatten(from: string, depth: number): number {
    const source = this.find(from)
    const { quantisation } = this.tensors[source]!
    const shape = this.tensor({ name: `${from}/row`, shape: [2], type: 'int32', data: Int32Array.of(1, depth) })
    const output = this.tensor({ name: `${from}/flat`, shape: [1, depth], type: 'int8', quantisation: quantisation! })
    this.operators.push({ options: { op: 'RESHAPE', shape: [1, depth] }, inputs: [source, shape], output })
    return output
  }

  #bias(name: string, values: Float32Array, weightScales: readonly number[], source: number): number {
    const scales = weightScales.map((scale) => Math.fround(scale * this.#scaleOf(source)))
    const data = Int32Array.from(values, (value, i) => Math.round(value / scales[i % scales.length]!))
    const quantisation = { scales, zeroPoint: 0, axis: 0 }
    return this.tensor({ name: `${name}/bias`, shape: [values.length], type: 'int32', quantisation, data })
  }

  #scaleOf(tensor: number): number {
    return this.tensors[tensor]!.quantisation!.scales[0]!
  }
}

/** Keeps biases of channels with (nearly) no weights inside int32. */
const largestBias = 2 ** 30

/** One scale per channel, which is the last dimension of the weights: the largest weight becomes 127. */
function channelScales(weights: Float32Array, channels: number, bias: Float32Array, inputScale: number): number[] {
  return Array.from({ length: channels }, (_, channel) => {
    const own = weights.filter((_, i) => i % channels === channel)
    const forBias = Math.abs(bias[channel]!) / (inputScale * largestBias)
    return Math.fround(Math.max(largestMagnitude(own) / 127, forBias, Number.MIN_VALUE) || 1)
  })
}

function largestMagnitude(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
}

/** Rounds every weight by the scale of its channel (last dimension). */
function quantiseWeights(weights: Float32Array, scales: readonly number[]): Int8Array {
  const rounded = weights.map((weight, i) => Math.round(weight / scales[i % scales.length]!))
  return Int8Array.from(rounded, (value) => Math.max(-127, Math.min(127, value)))
}

/** Moves the last dimension to the front: [kernel y][kernel x][in][out] becomes TFLite's [out][kernel y][kernel x][in]. */
function channelsFirst(values: Int8Array, channels: number): Int8Array {
  const depth = values.length / channels
  return Int8Array.from(values, (_, i) => values[(i % depth) * channels + Math.floor(i / depth)]!)
}
