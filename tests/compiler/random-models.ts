import { elementCount } from '../../compiler/ir/graph.ts'
import { Random } from '../runtime-c/random.ts'
import { type FileModel, type FileOperator, type FileTensor, tfliteFile } from './tflite-file.ts'

/** A model of one operator with inputs for it; the same for every run. */
export interface RandomModel {
  readonly bytes: Uint8Array
  readonly inputs: readonly (Int8Array | Uint8Array)[]
}

type Options = FileOperator['options']
type Shape = readonly number[]

const zeroPoint = (r: Random) => r.pick([0, -128, 127, r.int(-128, 127), r.int(-128, 127)])
const int8 = (r: Random, shape: Shape, low = -7, high = 2): FileTensor => ({
  shape,
  scales: [r.scale(low, high)],
  zeroPoints: [zeroPoint(r)],
})
const shapeOf = (r: Random, rank: number, most = 5): number[] => Array.from({ length: rank }, () => r.int(1, most))
const indices = (numbers: readonly number[]): FileTensor => ({
  shape: [numbers.length],
  type: 'INT32',
  data: Int32Array.from(numbers),
})
const scalar = (value: number): FileTensor => ({ shape: [], type: 'INT32', data: Int32Array.of(value) })

/** One operator: its inputs (constant ones have data), then its outputs. */
function model(r: Random, op: string, inputs: FileTensor[], outputs: FileTensor[], options?: Options): RandomModel {
  const tensors = [...inputs, ...outputs]
  const ids = tensors.map((_, id) => id)
  const operator = {
    op,
    inputs: ids.slice(0, inputs.length),
    outputs: ids.slice(inputs.length),
    ...(options && { options }),
  }
  const fed = operator.inputs.filter((id) => tensors[id]!.data === undefined)
  const file: FileModel = { tensors, operators: [operator], inputs: fed, outputs: operator.outputs }
  const values = fed.map((id) => {
    const data = r.int8(elementCount(tensors[id]!.shape))
    return tensors[id]!.type === 'UINT8' ? new Uint8Array(data.buffer) : data
  })
  return { bytes: tfliteFile(file), inputs: values }
}

const fused = (r: Random) => r.pick([0, 0, 1, 2, 3])

/** Output length of TFLite's padding rules; 0 SAME, 1 VALID. */
function steps(rule: number, length: number, covered: number, stride: number): number {
  return rule === 0 ? Math.ceil(length / stride) : Math.ceil((length - covered + 1) / stride)
}

interface Windowed {
  readonly input: number[]
  readonly output: [number, number]
  readonly kernel: [number, number]
  readonly fields: Record<string, number>
}

/** An image and a window over it that TFLite accepts. */
function windowed(r: Random, dilated: boolean): Windowed {
  const padding = r.int(0, 1)
  const kernel: [number, number] = r.once(3) ? [3, 3] : [r.int(1, 4), r.int(1, 4)]
  const dilation = dilated && r.once(3) ? [r.int(1, 3), r.int(1, 3)] : [1, 1]
  const stride = r.once(3) ? [1, 1] : [r.int(1, 3), r.int(1, 3)]
  const covered = kernel.map((size, i) => (size - 1) * dilation[i]! + 1)
  const image = covered.map((size) => (padding === 0 ? r.int(1, 9) : size + r.int(0, 6)))
  const output = image.map((size, i) => steps(padding, size, covered[i]!, stride[i]!)) as [number, number]
  const fields = { padding, strideH: stride[0]!, strideW: stride[1]!, fusedActivationFunction: fused(r) }
  const dilations = dilated ? { dilationHFactor: dilation[0]!, dilationWFactor: dilation[1]! } : {}
  return { input: [r.int(1, 2), ...image, r.int(1, 6)], output, kernel, fields: { ...fields, ...dilations } }
}

/** Constant weights and an optional bias whose sums spread over the output's range. */
function weighted(r: Random, shape: Shape, axis: number, input: FileTensor, terms: number, outputShape: Shape) {
  const channels = shape[axis]!
  const count = r.once(3) ? 1 : channels
  const scales = Array.from({ length: count }, () => r.scale(-10, -6))
  const weights = { shape, scales, zeroPoints: scales.map(() => 0), axis, data: r.int8(elementCount(shape), -127, 127) }
  const biasData = Int32Array.from({ length: channels }, () => r.int(-30_000, 30_000))
  const biasScales = scales.map((scale) => Math.fround(scale * input.scales![0]!))
  const bias: FileTensor = { shape: [channels], type: 'INT32', scales: biasScales, data: biasData }
  const spread = Math.fround(input.scales![0]! * scales[0]! * Math.sqrt(terms) * r.scale(3, 6))
  const output = { shape: outputShape, scales: [r.once(10) ? spread / 2 ** 14 : spread], zeroPoints: [zeroPoint(r)] }
  return { inputs: [input, weights, ...(r.once(4) ? [] : [bias])], output }
}

function convolution(r: Random): RandomModel {
  const w = windowed(r, true)
  const groups = r.once(4) ? r.int(2, 3) : 1
  const depth = w.input[3]!
  const channels = groups * r.int(1, 7)
  const input = int8(r, w.input.with(3, groups * depth))
  const outputShape = [w.input[0]!, ...w.output, channels]
  const parts = weighted(r, [channels, ...w.kernel, depth], 0, input, w.kernel[0] * w.kernel[1] * depth, outputShape)
  return model(r, 'CONV_2D', parts.inputs, [parts.output], ['Conv2DOptions', w.fields])
}

function depthwise(r: Random): RandomModel {
  const w = windowed(r, true)
  const multiplier = r.int(1, 3)
  const channels = w.input[3]! * multiplier
  const input = int8(r, w.input)
  const shape = [1, ...w.kernel, channels]
  const parts = weighted(r, shape, 3, input, w.kernel[0] * w.kernel[1], [w.input[0]!, ...w.output, channels])
  const fields = { ...w.fields, depthMultiplier: multiplier }
  return model(r, 'DEPTHWISE_CONV_2D', parts.inputs, [parts.output], ['DepthwiseConv2DOptions', fields])
}

function fullyConnected(r: Random): RandomModel {
  const [rows, depth, units] = [r.int(1, 3), r.int(1, 40), r.int(1, 12)]
  const parts = weighted(r, [units, depth], 0, int8(r, [rows, depth]), depth, [rows, units])
  return model(
    r,
    'FULLY_CONNECTED',
    parts.inputs,
    [parts.output],
    ['FullyConnectedOptions', { fusedActivationFunction: fused(r) }],
  )
}

function pool(r: Random, op: string): RandomModel {
  const w = windowed(r, false)
  const input = int8(r, w.input)
  const fields = { ...w.fields, filterHeight: w.kernel[0], filterWidth: w.kernel[1] }
  return model(
    r,
    op,
    [input],
    [{ ...input, shape: [w.input[0]!, ...w.output, w.input[3]!] }],
    ['Pool2DOptions', fields],
  )
}

/** Two shapes that broadcast, and what they broadcast to. */
function broadcasting(r: Random): [Shape, Shape, Shape] {
  const shape = shapeOf(r, r.int(1, 4))
  if (r.once(2)) return [shape, shape, shape]
  const drop = (keep: number) => shape.map((size, i) => ((keep >> i) & 1 ? size : 1))
  const mask = r.int(0, 15)
  const a = drop(mask | r.int(0, 15))
  const b = drop(~mask | r.int(0, 15))
  const output = a.map((size, i) => Math.max(size, b[i]!))
  const short = b[0] === 1 && r.once(2) ? b.slice(1) : b
  return r.once(2) ? [a, short, output] : [short, a, output]
}

function arithmetic(r: Random, op: string, table: string): RandomModel {
  const [a, b, shape] = broadcasting(r)
  const inputs = [int8(r, a, -6, -2), int8(r, b, -6, -2)]
  const output = { ...int8(r, shape, -6, -1) }
  return model(r, op, inputs, [output], [table, { fusedActivationFunction: fused(r) }])
}

function extremum(r: Random, op: string): RandomModel {
  const [a, b, shape] = broadcasting(r)
  const one = int8(r, a)
  return model(r, op, [one, { ...one, shape: b }], [{ ...one, shape }])
}

function mean(r: Random): RandomModel {
  const shape = shapeOf(r, 4, 7)
  const axes = r.pick([[1, 2], [2, 1], [1], [3], [-1], [1, 2, 3], [0, 2], [-3, -2]])
  const keepDims = r.once(2)
  const resolved = axes.map((axis) => (axis + 4) % 4)
  const kept = shape.map((size, i) => (resolved.includes(i) ? 1 : size))
  const output = keepDims ? kept : shape.filter((_, i) => !resolved.includes(i))
  return model(
    r,
    'MEAN',
    [int8(r, shape, -6, 0), indices(axes)],
    [int8(r, output, -7, 0)],
    ['ReducerOptions', { keepDims }],
  )
}

function softmax(r: Random): RandomModel {
  const shape = r.once(2) ? [r.int(1, 3), r.int(1, 20)] : shapeOf(r, 3)
  const output = { shape, scales: [1 / 256], zeroPoints: [-128] }
  return model(r, 'SOFTMAX', [int8(r, shape, -8, 2)], [output], ['SoftmaxOptions', { beta: r.pick([1, 1, 0.5, 2]) }])
}

/** All 256 values of the input in order, then random ones: nothing of a table is left out. */
function everyValue(r: Random, op: string, output: Omit<FileTensor, 'shape'>, input = int8(r, []), options?: Options) {
  const shape = [1, 300]
  const random = model(r, op, [{ ...input, shape }], [{ ...output, shape }], options)
  random.inputs[0]!.set(Uint8Array.from({ length: 256 }, (_, i) => i))
  return random
}

function quantize(r: Random): RandomModel {
  const byte = (type: 'INT8' | 'UINT8') => {
    const tensor = int8(r, [], -6, -2)
    return type === 'INT8' ? tensor : { ...tensor, type, zeroPoints: [tensor.zeroPoints![0]! + 128] }
  }
  const [from, to] = r.pick([
    ['INT8', 'INT8'],
    ['UINT8', 'INT8'],
    ['INT8', 'UINT8'],
  ] as const)
  const [input, output] = [byte(from), byte(to)]
  return everyValue(r, 'QUANTIZE', r.once(3) ? { ...output, scales: input.scales! } : output, input)
}

function relu6(r: Random): RandomModel {
  const tensor = int8(r, [], -7, -3)
  return everyValue(r, 'RELU6', tensor, tensor)
}

function hardSwish(r: Random): RandomModel {
  const input = int8(r, [], -7, -2)
  return everyValue(
    r,
    'HARD_SWISH',
    { ...int8(r, [], -7, -2), scales: [Math.fround(input.scales![0]! * r.pick([1, 0.75, 1.5, 0.5]))] },
    input,
  )
}

function leakyRelu(r: Random): RandomModel {
  const options: Options = ['LeakyReluOptions', { alpha: r.pick([0.1, 0.3, 0.01, 1.5, -0.2, 0]) }]
  return everyValue(r, 'LEAKY_RELU', int8(r, [], -6, -2), int8(r, [], -6, -2), options)
}

function pad(r: Random, op: string): RandomModel {
  const shape = shapeOf(r, r.int(1, 4))
  const before = shape.map(() => r.int(0, 2))
  const after = shape.map(() => r.int(0, 2))
  const input = int8(r, shape)
  const output = { ...input, shape: shape.map((size, i) => size + before[i]! + after[i]!) }
  const paddings: FileTensor = {
    shape: [shape.length, 2],
    type: 'INT32',
    data: Int32Array.from(before.flatMap((n, i) => [n, after[i]!])),
  }
  const value: FileTensor = { ...input, shape: [1], data: r.int8(1) }
  return model(r, op, op === 'PAD' ? [input, paddings] : [input, paddings, value], [output])
}

/**
 * The numbers below `length` in an order that a binary insertion sort comes to when comparisons are answered at random.
 * The recorded digests are of these orders; the host's own sort asks other questions in other versions.
 */
function shuffled(length: number, r: Random): number[] {
  const order = Array.from({ length }, (_, i) => i)
  const less = () => r.int(-1, 1) < 0
  const descending = less()
  let sorted = 2
  while (sorted < length && less() === descending) sorted++
  if (descending) order.push(...order.splice(0, sorted).reverse(), ...order.splice(0))
  for (; sorted < length; sorted++) {
    let [low, high] = [0, sorted]
    while (low < high) {
      const middle = (low + high) >> 1
      if (less()) high = middle
      else low = middle + 1
    }
    order.splice(low, 0, ...order.splice(sorted, 1))
  }
  return order
}

function transpose(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(2, 4))
  const permutation = shuffled(shape.length, r)
  const input = int8(r, shape)
  return model(r, 'TRANSPOSE', [input, indices(permutation)], [{ ...input, shape: permutation.map((i) => shape[i]!) }])
}

function reshape(r: Random): RandomModel {
  const shape = shapeOf(r, 3)
  const input = int8(r, shape)
  const output = [shape[0]! * shape[1]!, shape[2]!]
  return model(r, 'RESHAPE', [input, indices(output)], [{ ...input, shape: output }])
}

function stridedSlice(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(1, 4), 6)
  const masks = {
    beginMask: r.int(0, 15),
    endMask: r.int(0, 15),
    shrinkAxisMask: r.once(3) ? r.int(0, 15) & r.int(0, 15) : 0,
  }
  const strides = shape.map((_, i) => ((masks.shrinkAxisMask >> i) & 1 ? 1 : r.pick([1, 1, 2, 3, -1, -2])))
  const begin = shape.map((size) => r.int(-size, size - 1))
  const input = int8(r, shape)
  const first = shape.map((size, i) => (begin[i]! < 0 ? begin[i]! + size : begin[i]!))
  const open = (mask: number, i: number) => ((mask >> i) & 1) === 1
  const start = shape.map((size, i) => (open(masks.beginMask, i) ? (strides[i]! > 0 ? 0 : size - 1) : first[i]!))
  // An end at least one step further on, beyond the border now and then.
  const end = shape.map((size, i) =>
    strides[i]! > 0 ? r.int(start[i]! + 1, size + 2) : r.int(-size - 2, start[i]! - 1 - size),
  )
  const last = shape.map((size, i) => {
    const past = strides[i]! > 0 ? Math.min(end[i]!, size) : Math.max(end[i]! + size, -1)
    return open(masks.endMask, i) ? (strides[i]! > 0 ? size : -1) : past
  })
  const size = shape.map((_, i) =>
    open(masks.shrinkAxisMask, i) ? 1 : Math.ceil((last[i]! - start[i]!) / strides[i]!),
  )
  // A masked begin is not used for a shrunk dimension's place by all kernels, so the two do not meet here.
  const clear = { ...masks, beginMask: masks.beginMask & ~masks.shrinkAxisMask }
  const output = size.filter((_, i) => !open(masks.shrinkAxisMask, i))
  const options: Options = ['StridedSliceOptions', clear]
  return model(
    r,
    'STRIDED_SLICE',
    [input, indices(begin), indices(end), indices(strides)],
    [{ ...input, shape: output }],
    options,
  )
}

function slice(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(1, 4), 6)
  const begin = shape.map((size) => r.int(0, size - 1))
  const size = shape.map((length, i) => r.int(1, length - begin[i]!))
  const stated = size.map((count, i) => (count === shape[i]! - begin[i]! && r.once(2) ? -1 : count))
  const input = int8(r, shape)
  return model(r, 'SLICE', [input, indices(begin), indices(stated)], [{ ...input, shape: size }])
}

function concatenation(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(1, 4))
  const axis = r.int(0, shape.length - 1)
  const first = int8(r, shape)
  const parts = Array.from({ length: r.int(1, 4) }, () => ({ ...first, shape: shape.with(axis, r.int(1, 4)) }))
  const total = parts.reduce((sum, part) => sum + part.shape[axis]!, 0)
  const stated = r.once(2) ? axis : axis - shape.length
  return model(
    r,
    'CONCATENATION',
    parts,
    [{ ...first, shape: shape.with(axis, total) }],
    ['ConcatenationOptions', { axis: stated }],
  )
}

function split(r: Random, op: string): RandomModel {
  const shape = shapeOf(r, r.int(1, 4))
  const axis = r.int(0, shape.length - 1)
  const count = r.int(1, 3)
  const same = r.int(1, 3)
  const sizes = Array.from({ length: count }, () => (op === 'SPLIT' ? same : r.int(1, 3)))
  const input = int8(
    r,
    shape.with(
      axis,
      sizes.reduce((a, b) => a + b),
    ),
  )
  const outputs = sizes.map((size) => ({ ...input, shape: shape.with(axis, size) }))
  return op === 'SPLIT'
    ? model(r, op, [scalar(axis), input], outputs)
    : model(r, op, [input, indices(sizes), scalar(axis)], outputs)
}

function pack(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(1, 3))
  const axis = r.int(0, shape.length)
  const parts = Array.from({ length: r.int(1, 4) }, () => int8(r, shape)).map((part, _, [first]) => ({
    ...first!,
    shape: part.shape,
  }))
  const output = { ...parts[0]!, shape: shape.toSpliced(axis, 0, parts.length) }
  return model(r, 'PACK', parts, [output], ['PackOptions', { axis, valuesCount: parts.length }])
}

function unpack(r: Random): RandomModel {
  const shape = shapeOf(r, r.int(2, 4))
  const axis = r.int(0, shape.length - 1)
  const input = int8(r, shape)
  const outputs = Array.from({ length: shape[axis]! }, () => ({ ...input, shape: shape.toSpliced(axis, 1) }))
  return model(r, 'UNPACK', [input], outputs, ['UnpackOptions', { axis, num: outputs.length }])
}

function alias(r: Random, op: string): RandomModel {
  const shape = shapeOf(r, 3).map((size) => size + 1)
  const input = int8(r, op === 'SQUEEZE' ? [1, ...shape] : shape)
  if (op === 'SQUEEZE') return model(r, op, [input], [{ ...input, shape }])
  return model(r, op, [input, scalar(1)], [{ ...input, shape: shape.toSpliced(1, 0, 1) }])
}

const makers: Readonly<Record<string, (r: Random) => RandomModel>> = {
  ADD: (r) => arithmetic(r, 'ADD', 'AddOptions'),
  AVERAGE_POOL_2D: (r) => pool(r, 'AVERAGE_POOL_2D'),
  CONCATENATION: concatenation,
  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: depthwise,
  EXPAND_DIMS: (r) => alias(r, 'EXPAND_DIMS'),
  FULLY_CONNECTED: fullyConnected,
  HARD_SWISH: hardSwish,
  LEAKY_RELU: leakyRelu,
  LOGISTIC: (r) => everyValue(r, 'LOGISTIC', { scales: [1 / 256], zeroPoints: [-128] }, int8(r, [], -9, 0)),
  MAXIMUM: (r) => extremum(r, 'MAXIMUM'),
  MAX_POOL_2D: (r) => pool(r, 'MAX_POOL_2D'),
  MEAN: mean,
  MINIMUM: (r) => extremum(r, 'MINIMUM'),
  MUL: (r) => arithmetic(r, 'MUL', 'MulOptions'),
  PACK: pack,
  PAD: (r) => pad(r, 'PAD'),
  PADV2: (r) => pad(r, 'PADV2'),
  QUANTIZE: quantize,
  RELU: (r) => everyValue(r, 'RELU', int8(r, [], -7, -2), int8(r, [], -7, -2)),
  RELU6: relu6,
  RESHAPE: reshape,
  SLICE: slice,
  SOFTMAX: softmax,
  SPLIT: (r) => split(r, 'SPLIT'),
  SPLIT_V: (r) => split(r, 'SPLIT_V'),
  SQUEEZE: (r) => alias(r, 'SQUEEZE'),
  STRIDED_SLICE: stridedSlice,
  SUB: (r) => arithmetic(r, 'SUB', 'SubOptions'),
  TANH: (r) => everyValue(r, 'TANH', { scales: [1 / 128], zeroPoints: [0] }, int8(r, [], -9, 0)),
  TRANSPOSE: transpose,
  UNPACK: unpack,
}

/** Operators that random models exist for. */
export const randomOperators: readonly string[] = Object.keys(makers)

/** The model number `index` of this operator. */
export function randomModel(op: string, index: number): RandomModel {
  return makers[op]!(new Random(index * 7919 + randomOperators.indexOf(op) + 1))
}
