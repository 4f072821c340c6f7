import { type Graph, type Operator, tensorOf } from '../ir/graph.ts'
import type { OperatorKind } from '../ir/operators.ts'
import { add } from './add.ts'
import { averagePool2d } from './average-pool2d.ts'
import { concatenation } from './concatenation.ts'
import { conv2d } from './conv2d.ts'
import { depthwiseConv2d } from './depthwise-conv2d.ts'
import { fullyConnected } from './fully-connected.ts'
import { hardSwish } from './hard-swish.ts'
import { leakyRelu } from './leaky-relu.ts'
import { logistic } from './logistic.ts'
import { maxPool2d } from './max-pool2d.ts'
import { maximum } from './maximum.ts'
import { mean } from './mean.ts'
import { minimum } from './minimum.ts'
import { mul } from './mul.ts'
import type { OperatorDefinition, OperatorView } from './operator.ts'
import { pad } from './pad.ts'
import { quantize } from './quantize.ts'
import { relu } from './relu.ts'
import { relu6 } from './relu6.ts'
import { reshape } from './reshape.ts'
import { softmax } from './softmax.ts'
import { split } from './split.ts'
import { stridedSlice } from './strided-slice.ts'
import { sub } from './sub.ts'
import { tanh } from './tanh.ts'
import { transpose } from './transpose.ts'

/** Every operator that the compiler knows: one line each. */
const definitions = {
  add,
  averagePool2d,
  concatenation,
  conv2d,
  depthwiseConv2d,
  fullyConnected,
  hardSwish,
  leakyRelu,
  logistic,
  maximum,
  maxPool2d,
  mean,
  minimum,
  mul,
  pad,
  quantize,
  relu,
  relu6,
  reshape,
  softmax,
  split,
  stridedSlice,
  sub,
  tanh,
  transpose,
} satisfies { readonly [K in OperatorKind]: { readonly kind: K } }

/** All definitions, in a fixed order. */
export const operatorDefinitions: readonly OperatorDefinition[] = Object.values(definitions)

/** What the compiler knows about this kind of operator. */
export function definitionOf(kind: OperatorKind): OperatorDefinition {
  return definitions[kind]
}

/** The operator with its tensors looked up in its graph. */
export function viewOf(graph: Graph, operator: Operator): OperatorView {
  const { kind, attributes, inputs, outputs } = operator
  const lookUp = (id: number) => tensorOf(graph, id)
  return { kind, attributes, inputs: inputs.map(lookUp), outputs: outputs.map(lookUp) }
}

/** The kernel parameters of an operator: the numbers that every implementation of it computes with. */
export type ParametersOf<K extends OperatorKind> = ReturnType<(typeof definitions)[K]['parameters']>

/** Kernel parameters of one operator of a verified graph, typed by its kind. */
export function kernelParameters<K extends OperatorKind>(graph: Graph, operator: Operator<K>): ParametersOf<K> {
  return definitionOf(operator.kind).parameters(viewOf(graph, operator as Operator)) as ParametersOf<K>
}

/** Multiply-accumulate operations of one operator. */
export function operatorMacs(graph: Graph, operator: Operator): number {
  return definitionOf(operator.kind).macs?.(viewOf(graph, operator)) ?? 0
}

/** Multiply-accumulate operations of one inference. */
export function graphMacs(graph: Graph): number {
  return graph.operators.reduce((sum, operator) => sum + operatorMacs(graph, operator), 0)
}
