import { elementCount } from '../../compiler/ir/graph.ts'
import { type FileOperator, type FileTensor, tfliteFile } from '../compiler/tflite-file.ts'
import { Random } from '../runtime-c/random.ts'

/** A network of several layers and an input for it. */
export interface RandomNetwork {
  readonly bytes: Uint8Array
  readonly input: Int8Array
  /** Names of its operators, for messages. */
  readonly operators: string
}

/** Builds a network layer by layer; the same for the same number. */
class NetworkBuilder {
  readonly tensors: FileTensor[] = []
  readonly operators: FileOperator[] = []
  private readonly r: Random

  constructor(r: Random) {
    this.r = r
  }

  activation(shape: readonly number[], like?: number): number {
    const same = like === undefined ? undefined : this.tensors[like]!
    const scales = same?.scales ?? [this.r.scale(-5, -3)]
    const zeroPoints = same?.zeroPoints ?? [this.r.int(-128, 127)]
    return this.tensors.push({ shape, scales, zeroPoints }) - 1
  }

  shape(tensor: number): readonly number[] {
    return this.tensors[tensor]!.shape
  }

  add(op: string, inputs: number[], output: number, options: FileOperator['options']): number {
    this.operators.push({ op, inputs, outputs: [output], ...(options && { options }) })
    return output
  }

  /** Weights and bias whose sums spread over the output's range. */
  private weights(shape: readonly number[], axis: number, terms: number, input: number, output: number): number[] {
    const { r } = this
    const channels = shape[axis]!
    const [inScale, outScale] = [input, output].map((id) => this.tensors[id]!.scales![0]!) as [number, number]
    const scales = Array.from({ length: channels }, () =>
      Math.fround((outScale / inScale / Math.sqrt(terms)) * r.scale(-6, -5)),
    )
    const zeros = scales.map(() => 0)
    const weights = this.tensors.push({
      shape,
      scales,
      zeroPoints: zeros,
      axis,
      data: r.int8(elementCount(shape), -127, 127),
    })
    const data = Int32Array.from({ length: channels }, () => r.int(-2000, 2000))
    const biasScales = scales.map((scale) => Math.fround(scale * inScale))
    const bias = this.tensors.push({
      shape: [channels],
      type: 'INT32',
      scales: biasScales,
      zeroPoints: zeros,
      axis: 0,
      data,
    })
    return [weights - 1, bias - 1]
  }

  private window(size: readonly number[]) {
    const { r } = this
    const kernel = [r.pick([1, 1, 2, 3, 3, 3, 5]), r.pick([1, 1, 2, 3, 3, 3, 5])].map((k, i) => Math.min(k, size[i]!))
    const stride = r.once(3) ? [r.int(1, 2), r.int(1, 2)] : [1, 1]
    const padding = r.once(3) ? 1 : 0
    const output = size.map((length, i) =>
      padding === 0 ? Math.ceil(length / stride[i]!) : Math.ceil((length - kernel[i]! + 1) / stride[i]!),
    )
    return { kernel, output, fields: { padding, strideH: stride[0]!, strideW: stride[1]! } }
  }

  conv(input: number): number {
    const { r } = this
    const [batch, height, width, depth] = this.shape(input) as [number, number, number, number]
    const { kernel, output: size, fields } = this.window([height, width])
    const groups = r.once(6) && depth % 2 === 0 ? 2 : 1
    const channels = groups * r.pick([1, 3, 8, 8, 12, 16, 20])
    const output = this.activation([batch, ...size, channels])
    const terms = (kernel[0]! * kernel[1]! * depth) / groups
    const weights = this.weights([channels, ...kernel, depth / groups], 0, terms, input, output)
    const options = { ...fields, dilationHFactor: 1, dilationWFactor: 1, fusedActivationFunction: r.pick([0, 1, 3]) }
    return this.add('CONV_2D', [input, ...weights], output, ['Conv2DOptions', options])
  }

  depthwise(input: number): number {
    const { r } = this
    const [batch, height, width, depth] = this.shape(input) as [number, number, number, number]
    const { kernel, output: size, fields } = this.window([height, width])
    const multiplier = r.once(5) ? 2 : 1
    const output = this.activation([batch, ...size, depth * multiplier])
    const weights = this.weights([1, ...kernel, depth * multiplier], 3, kernel[0]! * kernel[1]!, input, output)
    const common = { ...fields, dilationHFactor: 1, dilationWFactor: 1, fusedActivationFunction: r.pick([0, 1]) }
    return this.add('DEPTHWISE_CONV_2D', [input, ...weights], output, [
      'DepthwiseConv2DOptions',
      { ...common, depthMultiplier: multiplier },
    ])
  }

  pool(input: number): number {
    const [batch, height, width, depth] = this.shape(input) as [number, number, number, number]
    const { kernel, output: size, fields } = this.window([height, width])
    const output = this.activation([batch, ...size, depth], input)
    const options = { ...fields, filterHeight: kernel[0]!, filterWidth: kernel[1]! }
    return this.add(this.r.pick(['MAX_POOL_2D', 'AVERAGE_POOL_2D']), [input], output, ['Pool2DOptions', options])
  }

  /** A branch of one or two layers that ends in the shape of its input, added to it. */
  residual(input: number): number {
    const { r } = this
    const [batch, height, width, depth] = this.shape(input) as [number, number, number, number]
    const output = this.activation([batch, height, width, depth])
    const weights = this.weights([depth, 3, 3, depth], 0, 9 * depth, input, output)
    const options = { padding: 0, strideH: 1, strideW: 1, dilationHFactor: 1, dilationWFactor: 1 }
    const branch = this.add('CONV_2D', [input, ...weights], output, ['Conv2DOptions', options])
    const sum = this.activation([batch, height, width, depth])
    const operands = r.once(2) ? [branch, input] : [input, branch]
    return this.add('ADD', operands, sum, ['AddOptions', { fusedActivationFunction: r.pick([0, 1]) }])
  }

  logistic(input: number): number {
    const output = this.tensors.push({ shape: this.shape(input), scales: [1 / 256], zeroPoints: [-128] }) - 1
    return this.add('LOGISTIC', [input], output, undefined)
  }

  mean(input: number): number {
    const [batch, , , depth] = this.shape(input) as [number, number, number, number]
    const axes = this.tensors.push({ shape: [2], type: 'INT32', data: Int32Array.of(1, 2) }) - 1
    return this.add('MEAN', [input, axes], this.activation([batch, depth]), ['ReducerOptions', { keepDims: false }])
  }

  fullyConnected(input: number): number {
    const [batch, ...rest] = this.shape(input) as [number, ...number[]]
    const [depth, units] = [elementCount(rest), this.r.int(1, 40)]
    const output = this.activation([batch, units])
    const weights = this.weights([units, depth], 0, depth, input, output)
    // One scale for all: the tensor's own is the only one that this operator knows in older files.
    return this.add('FULLY_CONNECTED', [input, ...weights], output, ['FullyConnectedOptions', {}])
  }

  softmax(input: number): number {
    const output = this.tensors.push({ shape: this.shape(input), scales: [1 / 256], zeroPoints: [-128] }) - 1
    return this.add('SOFTMAX', [input], output, ['SoftmaxOptions', { beta: 1 }])
  }
}

/** Network number `index`: some layers over an image, then perhaps a classifier. */
export function randomNetwork(index: number): RandomNetwork {
  const r = new Random(index * 7919 + 17)
  const b = new NetworkBuilder(r)
  const input = b.activation([r.once(5) ? 2 : 1, r.int(4, 20), r.int(4, 20), r.pick([1, 2, 3, 8, 16])])
  let last = input
  const layers = ['conv', 'conv', 'conv', 'depthwise', 'depthwise', 'pool', 'residual', 'logistic'] as const
  for (let i = r.int(1, 5); i > 0; i--) last = b[r.pick(layers)](last)
  if (r.once(2)) last = b.fullyConnected(r.once(2) ? b.mean(last) : last)
  if (r.once(3)) last = b.softmax(last)
  const file = { tensors: b.tensors, operators: b.operators, inputs: [input], outputs: [last] }
  return {
    bytes: tfliteFile(file),
    input: r.int8(elementCount(b.shape(input))),
    operators: b.operators.map(({ op }) => op).join(' '),
  }
}
