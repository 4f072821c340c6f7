import type { OperatorKind } from '../../compiler/ir/operators.ts'
import { type CValue, constantArray, initialiser } from './c-text.ts'

/** Parameters of an operator, as its definition gives them. */
// biome-ignore lint/suspicious/noExplicitAny: each row below knows the parameters of its kind.
type Parameters = any

/** C text of one case: constants in front of main, and the call in it. `name` prefixes every identifier. */
export interface KernelCall {
  readonly constants: string
  readonly call: string
}

/** Writes the call; the inputs are `<name>_input<i>`, the outputs `<name>_output<i>`. */
export type CallWriter = (parameters: Parameters, name: string, inputs: number, outputs: number) => KernelCall

const constant = (type: string, name: string, value: CValue) =>
  `static const struct ${type} ${name}_params = ${initialiser(value)};\n`

/** Leading dimensions to the kernel's six. */
const six = (values: readonly number[], fill: number) => [...Array(6 - values.length).fill(fill), ...values]

const broadcast = (b: Parameters) => ({
  shape: six(b.shape, 1),
  aStrides: six(b.aStrides, 0),
  bStrides: six(b.bStrides, 0),
})

const stridedCopy = (c: Parameters) => ({
  ...c,
  shape: six(c.shape, 1),
  inputStrides: six(c.inputStrides, 0),
  outputStrides: six(c.outputStrides, 0),
})

function withWeights(kernel: string, type: string): CallWriter {
  return ({ channels, ...params }, name) => {
    const rows = Array.from(channels.biases as Int32Array, (bias, i) => ({
      bias,
      multiplier: channels.multipliers[i],
      shift: channels.shifts[i],
    }))
    if (type === 'fully_connected_params') delete params.inputZeroPoint
    return {
      constants: constant(type, name, params) + constantArray('struct output_channel', `${name}_channels`, rows),
      call: `${kernel}(&${name}_params, ${name}_input0, ${name}_input1, ${name}_channels, ${name}_output0);`,
    }
  }
}

const simple =
  (
    kernel: string,
    type: string,
    convert: (parameters: Parameters) => CValue = (parameters) => parameters,
  ): CallWriter =>
  (parameters, name, inputs) => {
    const operands = Array.from({ length: inputs }, (_, i) => `${name}_input${i}`).join(', ')
    return {
      constants: constant(type, name, convert(parameters)),
      call: `${kernel}(&${name}_params, ${operands}, ${name}_output0);`,
    }
  }

const lookup: CallWriter = ({ size, table }, name) => ({
  constants: constantArray('int8_t', `${name}_table`, table),
  call: `lookup_s8(${name}_table, ${name}_input0, ${name}_output0, ${size});`,
})

const sum = (kernel: string, type: string) => simple(kernel, type, (p) => ({ ...p, broadcast: broadcast(p.broadcast) }))

/** The parts' addresses are an array of pointers in the call. */
function pieces(kernel: string, many: 'input' | 'output'): CallWriter {
  return ({ outer, sizes }, name, inputs, outputs) => {
    const count = many === 'input' ? inputs : outputs
    const pointers = Array.from({ length: count }, (_, i) => `${name}_${many}${i}`).join(', ')
    const list = `(${many === 'input' ? 'const int8_t *const' : 'int8_t *const'}[]){${pointers}}`
    const operands = many === 'input' ? `${list}, ${name}_output0` : `${name}_input0, ${list}`
    return {
      constants:
        constantArray('int32_t', `${name}_sizes`, sizes) +
        constant('parts_params', name, { outer, count, sizes: `${name}_sizes` }),
      call: `${kernel}(&${name}_params, ${operands});`,
    }
  }
}

/** How the kernel of every kind of operator is called. */
export const kernelCalls: { readonly [K in Exclude<OperatorKind, 'reshape'>]: CallWriter } = {
  conv2d: withWeights('conv_s8', 'conv_params'),
  depthwiseConv2d: withWeights('depthwise_conv_s8', 'conv_params'),
  fullyConnected: withWeights('fully_connected_s8', 'fully_connected_params'),
  add: sum('add_s8', 'add_params'),
  sub: sum('sub_s8', 'add_params'),
  mul: sum('mul_s8', 'mul_params'),
  maximum: simple('maximum_s8', 'broadcast', broadcast),
  minimum: simple('minimum_s8', 'broadcast', broadcast),
  averagePool2d: simple('average_pool_s8', 'pool_params'),
  maxPool2d: simple('max_pool_s8', 'pool_params'),
  softmax: simple('softmax_s8', 'softmax_params'),
  mean: simple('mean_s8', 'mean_params'),
  pad: simple('pad_s8', 'pad_params', (p) => ({ ...p, copy: stridedCopy(p.copy) })),
  stridedSlice: simple('strided_copy_s8', 'strided_copy_params', stridedCopy),
  transpose: simple('strided_copy_s8', 'strided_copy_params', stridedCopy),
  concatenation: pieces('concatenation_s8', 'input'),
  split: pieces('split_s8', 'output'),
  quantize: lookup,
  logistic: lookup,
  tanh: lookup,
  relu: lookup,
  relu6: lookup,
  leakyRelu: lookup,
  hardSwish: lookup,
}
