import type { Graph, Operator, Quantisation, Tensor } from '../../compiler/ir/graph.ts'
import type { OperatorAttributes, OperatorKind } from '../../compiler/ir/operators.ts'

type NewTensor = Pick<Tensor, 'shape'> & Partial<Tensor>

const quantised: Quantisation = { scales: [0.5], zeroPoints: [3], axis: 0 }

/** Builds small graphs for tests: int8 tensors of one quantisation unless said otherwise. */
export class GraphBuilder {
  readonly tensors: Tensor[] = []
  readonly operators: Operator[] = []

  tensor(tensor: NewTensor): number {
    const id = this.tensors.length
    this.tensors.push({ id, name: `t${id}`, dtype: 'int8', quantisation: quantised, ...tensor })
    return id
  }

  /** An operator that makes one new tensor. */
  add<K extends OperatorKind>(kind: K, attributes: OperatorAttributes[K], inputs: number[], output: NewTensor): number {
    const id = this.tensor(output)
    const origin = { index: this.operators.length, op: kind.toUpperCase() }
    this.operators.push({ kind, attributes, inputs, outputs: [id], origin } as Operator)
    return id
  }

  /** A 3 x 3 convolution without padding of 1 x height x width x 1 to the same less two rows and columns. */
  conv3x3(input: number, activation: 'none' | 'relu' = 'none'): number {
    const [, height, width] = this.tensors[input]!.shape as [number, number, number, number]
    const data = Int8Array.of(1, -2, 3, -4, 5, -6, 7, -8, 9)
    const scales = { scales: [0.1], zeroPoints: [0], axis: 0 }
    const weights = this.tensor({ shape: [1, 3, 3, 1], quantisation: scales, data })
    const padding = { top: 0, bottom: 0, left: 0, right: 0 }
    const one = { height: 1, width: 1 }
    const attributes = { stride: one, dilation: one, padding, activation }
    return this.add('conv2d', attributes, [input, weights], { shape: [1, height - 2, width - 2, 1] })
  }

  graph(inputs: number[], outputs: number[]): Graph {
    return { name: 'test', tensors: this.tensors, operators: this.operators, inputs, outputs }
  }
}
