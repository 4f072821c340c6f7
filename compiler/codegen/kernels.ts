import type { Graph, Operator, TensorId } from '../ir/graph.ts'
import type { OperatorKind } from '../ir/operators.ts'
import { kernelParameters, type ParametersOf } from '../ops/index.ts'
import type { OutputChannels } from '../ops/weights.ts'
import { type CValue, initialiser } from './c-values.ts'

/** What a kernel call is written with. */
export interface KernelContext {
  readonly graph: Graph
  /** Prefix of what the layer defines, e.g. `layer_3`. */
  readonly prefix: string
  /** Expression of type `int8_t *` for a tensor's bytes. */
  tensor(id: TensorId): string
  /** Read-only data; gives its symbol. */
  constant(name: string, ctype: string, bytes: Uint8Array): string
}

/** C that calls the kernel of one operator. */
export interface KernelCall {
  /** Definitions at file level. */
  readonly definitions: readonly string[]
  readonly call: string
}

type Emitters = { readonly [K in OperatorKind]?: (operator: Operator<K>, context: KernelContext) => KernelCall }

/** C dimensions of kernels that loop over tensors of any rank. */
const LOOPS = 6

/** `shape` with leading dimensions of 1, strides with leading zeros. */
const padLoops = (values: readonly number[], filler: number) => [
  ...Array<number>(LOOPS - values.length).fill(filler),
  ...values,
]

function define(context: KernelContext, ctype: string, value: CValue, suffix = ''): string {
  return `static const ${ctype} ${context.prefix}${suffix} = ${initialiser(value)};`
}

/** {bias, multiplier, shift} of every output channel. */
function channelBytes({ biases, multipliers, shifts }: OutputChannels): Uint8Array {
  const words = new Int32Array(biases.length * 3)
  for (const [i, bias] of biases.entries()) words.set([bias, multipliers[i]!, shifts[i]!], i * 3)
  return new Uint8Array(words.buffer)
}

/** A kernel with weights: parameters without the channels, input, weights, output channels, output. */
function weighted<K extends 'conv2d' | 'depthwiseConv2d' | 'fullyConnected'>(
  kernel: string,
  ctype: string,
  members: (parameters: Omit<ParametersOf<K>, 'channels'>) => CValue = (parameters) => parameters,
) {
  return (operator: Operator<K>, context: KernelContext): KernelCall => {
    const { channels, ...rest } = kernelParameters(context.graph, operator)
    const table = context.constant(`${context.prefix}_channels`, 'struct output_channel', channelBytes(channels))
    const [input, weights, output] = [operator.inputs[0]!, operator.inputs[1]!, operator.outputs[0]!].map((id) =>
      context.tensor(id),
    )
    return {
      definitions: [define(context, `struct ${ctype}`, members(rest as Omit<ParametersOf<K>, 'channels'>))],
      call: `${kernel}(&${context.prefix}, ${input}, ${weights}, ${table}, ${output});`,
    }
  }
}

/** A kernel of parameters, inputs and one output. */
function plain<K extends OperatorKind>(
  kernel: string,
  ctype: string,
  members: (parameters: ParametersOf<K>) => CValue = (parameters) => parameters,
) {
  return (operator: Operator<K>, context: KernelContext): KernelCall => {
    const tensors = [...operator.inputs, operator.outputs[0]!].map((id) => context.tensor(id))
    return {
      definitions: [define(context, `struct ${ctype}`, members(kernelParameters(context.graph, operator)))],
      call: `${kernel}(&${context.prefix}, ${tensors.join(', ')});`,
    }
  }
}

const broadcasting = ({ shape, aStrides, bStrides }: ParametersOf<'maximum'>) => ({
  shape: padLoops(shape, 1),
  aStrides: padLoops(aStrides, 0),
  bStrides: padLoops(bStrides, 0),
})

const broadcastFirst = <T extends { broadcast: ParametersOf<'maximum'> }>({ broadcast, ...rest }: T) => ({
  broadcast: broadcasting(broadcast),
  ...rest,
})

const copying = ({ shape, inputStrides, outputStrides, ...offsets }: ParametersOf<'transpose'>) => ({
  shape: padLoops(shape, 1),
  inputStrides: padLoops(inputStrides, 0),
  outputStrides: padLoops(outputStrides, 0),
  ...offsets,
})

/** Operators of one byte: a table of 256 results. */
function lookup<K extends 'relu' | 'relu6' | 'leakyRelu' | 'logistic' | 'tanh' | 'hardSwish' | 'quantize'>(
  operator: Operator<K>,
  context: KernelContext,
): KernelCall {
  const { table, size } = kernelParameters(context.graph, operator) as ParametersOf<'relu'>
  const symbol = context.constant(
    `${context.prefix}_table`,
    'int8_t',
    new Uint8Array(table.buffer, table.byteOffset, table.length),
  )
  const [input, output] = [operator.inputs[0]!, operator.outputs[0]!].map((id) => context.tensor(id))
  return { definitions: [], call: `lookup_s8(${symbol}, ${input}, ${output}, ${size});` }
}

/** Sizes of the parts and an array of pointers to them. */
function parts(
  operator: Operator<'concatenation' | 'split'>,
  context: KernelContext,
  ids: readonly TensorId[],
  element: string,
) {
  const { outer, sizes } = kernelParameters(context.graph, operator) as ParametersOf<'split'>
  const { prefix } = context
  return [
    define(context, 'int32_t', sizes, `_sizes[${sizes.length}]`),
    define(context, 'struct parts_params', { outer, count: sizes.length, sizes: `${prefix}_sizes` }),
    `static ${element} ${prefix}_parts[] = ${initialiser(ids.map((id) => context.tensor(id)))};`,
  ]
}

/** How each operator is called, one row each; operators without one run only on accelerators, or are no work at all. */
const emitters: Emitters = {
  conv2d: weighted('conv_s8', 'conv_params'),
  depthwiseConv2d: weighted('depthwise_conv_s8', 'conv_params'),
  fullyConnected: weighted('fully_connected_s8', 'fully_connected_params', ({ inputZeroPoint: _, ...rest }) => rest),
  averagePool2d: plain('average_pool_s8', 'pool_params'),
  maxPool2d: plain('max_pool_s8', 'pool_params'),
  add: plain('add_s8', 'add_params', broadcastFirst),
  sub: plain('sub_s8', 'add_params', broadcastFirst),
  mul: plain('mul_s8', 'mul_params', broadcastFirst),
  maximum: plain('maximum_s8', 'broadcast', broadcasting),
  minimum: plain('minimum_s8', 'broadcast', broadcasting),
  mean: plain('mean_s8', 'mean_params'),
  softmax: plain('softmax_s8', 'softmax_params'),
  pad: plain('pad_s8', 'pad_params', ({ copy, ...rest }) => ({ copy: copying(copy), ...rest })),
  transpose: plain('strided_copy_s8', 'strided_copy_params', copying),
  stridedSlice: plain('strided_copy_s8', 'strided_copy_params', copying),
  relu: lookup,
  relu6: lookup,
  leakyRelu: lookup,
  logistic: lookup,
  tanh: lookup,
  hardSwish: lookup,
  quantize: lookup,
  concatenation: (operator, context) => ({
    definitions: parts(operator, context, operator.inputs, 'const int8_t *const'),
    call: `concatenation_s8(&${context.prefix}, ${context.prefix}_parts, ${context.tensor(operator.outputs[0]!)});`,
  }),
  split: (operator, context) => ({
    definitions: parts(operator, context, operator.outputs, 'int8_t *const'),
    call: `split_s8(&${context.prefix}, ${context.tensor(operator.inputs[0]!)}, ${context.prefix}_parts);`,
  }),
}

/** @throws Error for an operator without a kernel, a mistake of ours: the importer refuses those */
export function kernelCall(operator: Operator, context: KernelContext): KernelCall {
  const emit = emitters[operator.kind] as ((operator: Operator, context: KernelContext) => KernelCall) | undefined
  if (emit === undefined) throw new Error(`no kernel computes ${operator.kind}`)
  return emit(operator, context)
}
