import type { DType, TensorData } from '../../compiler/ir/dtype.ts'
import { elementCount, type Quantisation, type Tensor } from '../../compiler/ir/graph.ts'
import type { OperatorAttributes, OperatorKind, Padding2d, Size2d } from '../../compiler/ir/operators.ts'
import type { Random } from './random.ts'

/** An operator with the contents of its inputs. */
export interface RandomOperator {
  readonly kind: OperatorKind
  readonly attributes: OperatorAttributes[OperatorKind]
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  /** What the input tensors hold, constant ones included. */
  readonly values: readonly TensorData[]
}

type Shape = readonly number[]

function tensor(shape: Shape, quantisation: Quantisation, data?: TensorData, dtype: DType = 'int8'): Tensor {
  return { id: 0, name: 'tensor', shape, dtype, quantisation, ...(data === undefined ? {} : { data }) }
}

const quantised = (scale: number, zeroPoint: number): Quantisation => ({
  scales: [scale],
  zeroPoints: [zeroPoint],
  axis: 0,
})
const zeroPoint = (r: Random) => r.pick([0, -128, 127, r.int(-128, 127)])
const activation = (r: Random) => r.pick(['none', 'none', 'relu', 'relu6', 'reluN1To1'] as const)
const dims = (r: Random, most: number): Size2d => ({ height: r.int(1, most), width: r.int(1, most) })

function operator<K extends OperatorKind>(
  kind: K,
  attributes: OperatorAttributes[K],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  r: Random,
): RandomOperator {
  const values = inputs.map(({ data, shape }) => data ?? r.int8(elementCount(shape)))
  return { kind, attributes, inputs, outputs, values }
}

/** A window with padding that fits an image, and the output that it makes. */
function placeWindow(r: Random, image: Size2d, window: Size2d, stride: Size2d, dilation: Size2d) {
  const covered = { height: (window.height - 1) * dilation.height + 1, width: (window.width - 1) * dilation.width + 1 }
  const side = (least: number, covers: number, size: number) => {
    const total = Math.max(least, covers - size)
    const first = r.int(Math.max(0, total - (covers - 1)), Math.min(total, covers - 1))
    return [first, total - first] as const
  }
  const [top, bottom] = side(r.int(0, covered.height - 1), covered.height, image.height)
  const [left, right] = side(r.int(0, covered.width - 1), covered.width, image.width)
  const padding: Padding2d = { top, bottom, left, right }
  const output: Size2d = {
    height: Math.floor((image.height + top + bottom - covered.height) / stride.height) + 1,
    width: Math.floor((image.width + left + right - covered.width) / stride.width) + 1,
  }
  return { padding, output }
}

/** Weights and bias such that outputs spread over the whole range, and now and then beyond. */
function weighted(r: Random, weightShape: Shape, axis: number, terms: number, inputScale: number) {
  const channels = weightShape[axis]!
  const perChannel = !r.once(4)
  const scales = Array.from({ length: perChannel ? channels : 1 }, () => r.scale(-9, -6))
  const zeros = scales.map(() => 0)
  const weights = tensor(weightShape, { scales, zeroPoints: zeros, axis }, r.int8(elementCount(weightShape), -127, 127))
  const bias = Int32Array.from({ length: channels }, () => r.int(-20_000, 20_000))
  // A factor above one now and then: the shift to the left that real networks hardly have.
  const outputScale = r.once(8) ? r.scale(-20, -17) : inputScale * r.scale(-2, 0) * Math.sqrt(terms)
  return { weights, bias: tensor([channels], quantised(1, 0), bias, 'int32'), outputScale: Math.fround(outputScale) }
}

function convolution(r: Random, depthwise: boolean): RandomOperator {
  const image = dims(r, 9)
  const batches = r.int(1, 2)
  const common = r.once(2)
  const window = common ? { height: 3, width: 3 } : r.once(3) ? { height: 1, width: 1 } : dims(r, 5)
  const stride = r.once(2) ? { height: 1, width: 1 } : dims(r, 3)
  const dilation = common || r.once(2) ? { height: 1, width: 1 } : dims(r, 3)
  const { padding, output } = placeWindow(r, image, window, stride, dilation)
  const groups = depthwise || !r.once(4) ? 1 : r.int(2, 3)
  const inChannels = groups * r.int(1, 9)
  const outChannels = depthwise ? inChannels * (r.once(2) ? 1 : r.int(1, 6)) : groups * r.int(1, 9)
  const [input, inputScale] = [[batches, image.height, image.width, inChannels], r.scale(-7, -4)]
  const taps = window.height * window.width
  const shape = depthwise
    ? [1, window.height, window.width, outChannels]
    : [outChannels, window.height, window.width, inChannels / groups]
  const terms = depthwise ? taps : (taps * inChannels) / groups
  const { weights, bias, outputScale } = weighted(r, shape, depthwise ? 3 : 0, terms, inputScale)
  return operator(
    depthwise ? 'depthwiseConv2d' : 'conv2d',
    { stride, dilation, padding, activation: activation(r) },
    [tensor(input, quantised(inputScale, zeroPoint(r))), weights, ...(r.once(5) ? [] : [bias])],
    [tensor([batches, output.height, output.width, outChannels], quantised(outputScale, zeroPoint(r)))],
    r,
  )
}

function fullyConnected(r: Random): RandomOperator {
  const [rows, inputSize, outputSize] = [r.int(1, 5), r.int(1, 70), r.int(1, 13)]
  const inputScale = r.scale(-7, -4)
  const { weights, bias, outputScale } = weighted(r, [outputSize, inputSize], 0, inputSize, inputScale)
  const whole = { ...weights, quantisation: quantised(weights.quantisation!.scales[0]!, 0) }
  const input = tensor([rows, inputSize], quantised(inputScale, zeroPoint(r)))
  const output = tensor([rows, outputSize], quantised(outputScale, zeroPoint(r)))
  return operator('fullyConnected', { activation: activation(r) }, [input, whole, bias], [output], r)
}

function pool(kind: 'averagePool2d' | 'maxPool2d') {
  return (r: Random): RandomOperator => {
    const [image, window, stride] = [dims(r, 9), dims(r, 5), dims(r, 3)]
    const { padding, output } = placeWindow(r, image, window, stride, { height: 1, width: 1 })
    const [batches, channels] = [r.int(1, 2), r.int(1, 9)]
    const quantisation = quantised(r.scale(-7, -4), zeroPoint(r))
    const input = tensor([batches, image.height, image.width, channels], quantisation)
    const made = tensor([batches, output.height, output.width, channels], quantisation)
    return operator(kind, { window, stride, padding, activation: activation(r) }, [input], [made], r)
  }
}

/** Two shapes that broadcast, and what they broadcast to. */
function broadcastShapes(r: Random): [Shape, Shape, Shape] {
  const shape = Array.from({ length: r.int(1, 6) }, () => r.int(1, 4))
  const a = shape.map((size) => (r.once(4) ? 1 : size))
  const b = shape.map((size, i) => (a[i] === size && r.once(4) ? 1 : size)).slice(r.once(4) ? 1 : 0)
  const result = shape.map((_, i) => Math.max(a[i]!, b[i - shape.length + b.length] ?? 1))
  return r.once(2) ? [a, b, result] : [b, a, result]
}

function sum(kind: 'add' | 'sub' | 'mul') {
  return (r: Random): RandomOperator => {
    const [a, b, output] = broadcastShapes(r)
    const aScale = r.scale(-6, -3)
    const bScale = r.once(3) ? aScale : r.scale(-6, -3)
    const inputs = [tensor(a, quantised(aScale, zeroPoint(r))), tensor(b, quantised(bScale, zeroPoint(r)))]
    const outputScale = kind === 'mul' ? Math.fround(aScale * bScale * r.scale(-1, 7)) : r.scale(-6, -2)
    return operator(
      kind,
      { activation: activation(r) },
      inputs,
      [tensor(output, quantised(outputScale, zeroPoint(r)))],
      r,
    )
  }
}

function extremum(kind: 'maximum' | 'minimum') {
  return (r: Random): RandomOperator => {
    const [a, b, output] = broadcastShapes(r)
    const same = quantised(r.scale(-6, -3), zeroPoint(r))
    return operator(kind, {}, [tensor(a, same), tensor(b, same)], [tensor(output, same)], r)
  }
}

function softmax(r: Random): RandomOperator {
  const shape = [r.int(1, 3), r.once(3) ? r.int(60, 90) : r.int(1, 40)]
  const beta = r.once(4) ? 0.5 : 1
  return operator(
    'softmax',
    { beta },
    [tensor(shape, quantised(r.scale(-9, 2), zeroPoint(r)))],
    [tensor(shape, quantised(1 / 256, -128))],
    r,
  )
}

function mean(r: Random): RandomOperator {
  const shape = Array.from({ length: r.int(1, 4) }, () => r.int(1, 6))
  const chosen = shape.map((_, axis) => axis).filter(() => r.once(2))
  const axes = chosen.length === 0 ? [0] : chosen
  const output = shape.filter((_, axis) => !axes.includes(axis))
  const inputScale = r.scale(-6, -3)
  const outputScale = Math.fround(inputScale * r.scale(-2, 1))
  const made = tensor(output, quantised(outputScale, zeroPoint(r)))
  return operator('mean', { axes, keepDims: false }, [tensor(shape, quantised(inputScale, zeroPoint(r)))], [made], r)
}

const byteTensor = (shape: Shape) => tensor(shape, quantised(0.125, 3))

function pad(r: Random): RandomOperator {
  const shape = Array.from({ length: r.int(1, 5) }, () => r.int(1, 5))
  const [before, after] = [shape.map(() => r.int(0, 2)), shape.map(() => r.int(0, 2))]
  const output = shape.map((size, i) => before[i]! + size + after[i]!)
  return operator('pad', { before, after, value: r.int(-128, 127) }, [byteTensor(shape)], [byteTensor(output)], r)
}

/** A tensor cut along one dimension. */
function parts(r: Random): { axis: number; whole: Shape; parts: Shape[] } {
  const shape = Array.from({ length: r.int(1, 4) }, () => r.int(1, 5))
  const axis = r.int(0, shape.length - 1)
  const sizes = Array.from({ length: r.int(1, 4) }, () => r.int(1, 6))
  const whole = shape.with(
    axis,
    sizes.reduce((a, b) => a + b, 0),
  )
  return { axis, whole, parts: sizes.map((size) => shape.with(axis, size)) }
}

function concatenation(r: Random): RandomOperator {
  const { axis, whole, parts: from } = parts(r)
  return operator('concatenation', { axis }, from.map(byteTensor), [byteTensor(whole)], r)
}

function split(r: Random): RandomOperator {
  const { axis, whole, parts: into } = parts(r)
  return operator('split', { axis }, [byteTensor(whole)], into.map(byteTensor), r)
}

function stridedSlice(r: Random): RandomOperator {
  const shape = Array.from({ length: r.int(1, 5) }, () => r.int(1, 7))
  const strides = shape.map(() => r.pick([1, 1, 2, 3, -1, -2]))
  const begin = shape.map((size) => r.int(0, size - 1))
  const size = shape.map((length, i) => {
    const [step, from] = [strides[i]!, begin[i]!]
    return r.int(1, Math.floor((step > 0 ? length - 1 - from : from) / Math.abs(step)) + 1)
  })
  return operator(
    'stridedSlice',
    { begin, size, strides } as OperatorAttributes['stridedSlice'],
    [byteTensor(shape)],
    [byteTensor(size)],
    r,
  )
}

function transpose(r: Random): RandomOperator {
  const shape = Array.from({ length: r.int(1, 6) }, () => r.int(1, 4))
  const permutation = shape.map((_, i) => i)
  for (let i = shape.length - 1; i > 0; i--) {
    const j = r.int(0, i)
    ;[permutation[i], permutation[j]] = [permutation[j]!, permutation[i]!]
  }
  const output = permutation.map((dimension) => shape[dimension]!)
  return operator('transpose', { permutation }, [byteTensor(shape)], [byteTensor(output)], r)
}

/** Element by element from one int8 to one int8, with an output quantisation that suits the function. */
function unary(
  kind: 'logistic' | 'tanh' | 'relu' | 'relu6' | 'hardSwish' | 'leakyRelu' | 'quantize',
  output?: Quantisation | 'same',
) {
  return (r: Random): RandomOperator => {
    const shape = [r.int(1, 30)]
    const attributes = kind === 'leakyRelu' ? { alpha: 0.25 } : {}
    const input = quantised(r.scale(-6, -4), zeroPoint(r))
    const made = output === 'same' ? input : (output ?? quantised(r.scale(-6, -4), zeroPoint(r)))
    const tensors = [tensor(shape, input), tensor(shape, made)] as const
    return operator(kind, attributes as OperatorAttributes['leakyRelu'], [tensors[0]], [tensors[1]], r)
  }
}

/** A random operator of every kind that computes something. */
export const randomOperators: { readonly [K in Exclude<OperatorKind, 'reshape'>]: (r: Random) => RandomOperator } = {
  conv2d: (r) => convolution(r, false),
  depthwiseConv2d: (r) => convolution(r, true),
  fullyConnected,
  add: sum('add'),
  sub: sum('sub'),
  mul: sum('mul'),
  maximum: extremum('maximum'),
  minimum: extremum('minimum'),
  averagePool2d: pool('averagePool2d'),
  maxPool2d: pool('maxPool2d'),
  softmax,
  mean,
  quantize: unary('quantize'),
  pad,
  concatenation,
  split,
  stridedSlice,
  transpose,
  logistic: unary('logistic', quantised(1 / 256, -128)),
  tanh: unary('tanh', quantised(1 / 128, 0)),
  relu: unary('relu'),
  relu6: unary('relu6', 'same'),
  leakyRelu: unary('leakyRelu'),
  hardSwish: unary('hardSwish'),
}
