/** How each kernel of kernels.h is called: its parameters as C has them, then its tensors. */
import type { Graph, Operator } from '../../compiler/ir/graph.ts'
import type { OperatorKind } from '../../compiler/ir/operators.ts'
import { definitionOf, type ParametersOf, viewOf } from '../../compiler/ops/index.ts'
import type { OutputChannels } from '../../compiler/ops/weights.ts'
import { type Argument, type ReadOnly, readOnly, struct, type Tensor, tensor } from '../../sim/testing/index.ts'
import type { RandomOperator, randomOperators } from './random-operators.ts'

export type Kind = keyof typeof randomOperators
type Arguments = readonly Argument[]
type CallWith<P> = (parameters: P, inputs: Arguments, outputs: Arguments) => readonly [kernel: string, ...Arguments]
type Call<K extends OperatorKind> = CallWith<ParametersOf<K>>

/** Kernels for tensors of any rank loop over six dimensions. */
const loops = (values: readonly number[], filler: number) => [
  ...Array<number>(6 - values.length).fill(filler),
  ...values,
]

const strided = ({ shape, inputStrides, outputStrides, ...offsets }: ParametersOf<'transpose'>) => ({
  shape: loops(shape, 1),
  inputStrides: loops(inputStrides, 0),
  outputStrides: loops(outputStrides, 0),
  ...offsets,
})

const broadcast = ({ shape, aStrides, bStrides }: ParametersOf<'maximum'>) => ({
  shape: loops(shape, 1),
  aStrides: loops(aStrides, 0),
  bStrides: loops(bStrides, 0),
})

const broadcastFirst = <T extends { readonly broadcast: ParametersOf<'maximum'> }>(parameters: T) => ({
  ...parameters,
  broadcast: broadcast(parameters.broadcast),
})

const channelTable = ({ biases, multipliers, shifts }: OutputChannels) =>
  struct(Array.from(biases, (bias, i) => ({ bias, multiplier: multipliers[i]!, shift: shifts[i]! })))

const convolution =
  (kernel: string): CallWith<ParametersOf<'conv2d' | 'depthwiseConv2d'>> =>
  ({ channels, ...rest }, [input, weights], outputs) => [
    kernel,
    struct(rest),
    input!,
    weights!,
    channelTable(channels),
    ...outputs,
  ]

const lookup: CallWith<ParametersOf<'relu'>> = ({ table, size }, inputs, outputs) => [
  'lookup_s8',
  readOnly(tensor('int8', [256], table)),
  ...inputs,
  ...outputs,
  size,
]

const partsParams = ({ outer, sizes }: ParametersOf<'split'>) =>
  struct({ outer, count: sizes.length, sizes: tensor('int32', [sizes.length], sizes) })

const calls: { readonly [K in Kind]: Call<K> } = {
  conv2d: convolution('conv_s8'),
  depthwiseConv2d: convolution('depthwise_conv_s8'),
  fullyConnected: ({ channels, inputZeroPoint: _, ...rest }, [input, weights], outputs) => [
    'fully_connected_s8',
    struct(rest),
    input!,
    weights!,
    channelTable(channels),
    ...outputs,
  ],
  averagePool2d: (p, inputs, outputs) => ['average_pool_s8', struct(p), ...inputs, ...outputs],
  maxPool2d: (p, inputs, outputs) => ['max_pool_s8', struct(p), ...inputs, ...outputs],
  add: (p, inputs, outputs) => ['add_s8', struct(broadcastFirst(p)), ...inputs, ...outputs],
  sub: (p, inputs, outputs) => ['sub_s8', struct(broadcastFirst(p)), ...inputs, ...outputs],
  mul: (p, inputs, outputs) => ['mul_s8', struct(broadcastFirst(p)), ...inputs, ...outputs],
  maximum: (p, inputs, outputs) => ['maximum_s8', struct(broadcast(p)), ...inputs, ...outputs],
  minimum: (p, inputs, outputs) => ['minimum_s8', struct(broadcast(p)), ...inputs, ...outputs],
  mean: (p, inputs, outputs) => ['mean_s8', struct(p), ...inputs, ...outputs],
  softmax: (p, inputs, outputs) => ['softmax_s8', struct(p), ...inputs, ...outputs],
  pad: ({ copy, outputSize, value }, inputs, outputs) => [
    'pad_s8',
    struct({ copy: strided(copy), outputSize, value: Int8Array.of(value) }),
    ...inputs,
    ...outputs,
  ],
  transpose: (p, inputs, outputs) => ['strided_copy_s8', struct(strided(p)), ...inputs, ...outputs],
  stridedSlice: (p, inputs, outputs) => ['strided_copy_s8', struct(strided(p)), ...inputs, ...outputs],
  concatenation: (p, inputs, outputs) => ['concatenation_s8', partsParams(p), struct(...inputs), ...outputs],
  split: (p, inputs, outputs) => ['split_s8', partsParams(p), ...inputs, struct(...outputs)],
  relu: lookup,
  relu6: lookup,
  leakyRelu: lookup,
  logistic: lookup,
  tanh: lookup,
  hardSwish: lookup,
  quantize: lookup,
}

/** The graph of one operator: its inputs first, then its outputs. */
export function graphOf({ kind, attributes, inputs, outputs }: RandomOperator): Graph {
  const ids = [...inputs, ...outputs].map((_, id) => id)
  const [from, to] = [ids.slice(0, inputs.length), ids.slice(inputs.length)]
  const operator = { kind, attributes, inputs: from, outputs: to, origin: { index: 0, op: kind } } as Operator
  const tensors = [...inputs, ...outputs].map((one, id) => ({ ...one, id }))
  return { name: 'case', tensors, operators: [operator], inputs: from, outputs: to }
}

/** Tensors to compute an operator with, and what must come of it by the reference arithmetic. */
export interface KernelCase {
  readonly inputs: readonly ReadOnly[]
  readonly outputs: readonly Tensor<'int8'>[]
  readonly expected: readonly Tensor<'int8'>[]
  /** The kernel's name, and what it is called with. */
  readonly call: readonly [kernel: string, ...Arguments]
}

export function kernelCase(random: RandomOperator): KernelCase {
  const graph = graphOf(random)
  const definition = definitionOf(random.kind)
  const view = viewOf(graph, graph.operators[0]!)
  definition.check(view)
  const parameters = definition.parameters(view)
  const zeros = () => random.outputs.map(({ shape }) => tensor('int8', shape))
  const [outputs, expected] = [zeros(), zeros()]
  const results = expected.map(({ data }) => data)
  definition.evaluate(parameters, random.values, results)
  const inputs = random.inputs.map(({ dtype, shape }, i) => readOnly(tensor(dtype, shape, random.values[i])))
  const call = calls[random.kind as Kind] as CallWith<typeof parameters>
  return { inputs, outputs, expected, call: call(parameters, inputs, outputs) }
}
