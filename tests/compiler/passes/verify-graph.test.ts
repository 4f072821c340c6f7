import { describe, expect, it } from 'vitest'
import type { Graph, Tensor } from '../../../compiler/ir/graph.ts'
import { findGraphProblem, verifyGraph } from '../../../compiler/passes/verify-graph.ts'
import { GraphBuilder } from '../graphs.ts'

function valid(): Graph {
  const b = new GraphBuilder()
  const input = b.tensor({ shape: [1, 4, 4, 1] })
  const sum = b.conv3x3(input)
  return b.graph([input], [b.add('relu', {}, [sum], { shape: [1, 2, 2, 1] })])
}

const withTensor = (index: number, change: Partial<Tensor>): Graph => {
  const graph = valid()
  return { ...graph, tensors: graph.tensors.map((tensor, i) => (i === index ? { ...tensor, ...change } : tensor)) }
}

describe('verifyGraph', () => {
  it('passes a valid graph on', () => {
    const graph = valid()
    expect(verifyGraph(graph)).toBe(graph)
  })

  it.each<[string, Graph, RegExp]>([
    ['an id that is no index', withTensor(1, { id: 7 }), /its id is 7/],
    ['an open dimension', withTensor(0, { shape: [1, 0, 4, 1] }), /its shape \[1, 0, 4, 1\] is not fixed/],
    ['data of another type', withTensor(1, { data: new Uint8Array(9) }), /its data is 9 x uint8/],
    ['data of another size', withTensor(1, { data: new Int8Array(8) }), /its shape needs 9 x int8/],
    [
      'a missing zero point',
      withTensor(0, { quantisation: { scales: [1], zeroPoints: [], axis: 0 } }),
      /0 zero points/,
    ],
    [
      'a half zero point',
      withTensor(0, { quantisation: { scales: [1], zeroPoints: [0.5], axis: 0 } }),
      /zero point 0.5/,
    ],
    ['a wrong shape', withTensor(2, { shape: [1, 2, 3, 1] }), /its output has shape 1x2x3x1, not 1x2x2x1/],
    ['a constant input', { ...valid(), inputs: [1] }, /is constant or twice an input/],
    ['an output out of nowhere', { ...valid(), outputs: [9] }, /nothing makes tensor 9/],
    ['the wrong order', { ...valid(), operators: valid().operators.toReversed() }, /which nothing makes before it/],
    [
      'too many inputs',
      { ...valid(), operators: valid().operators.map((op) => ({ ...op, inputs: [0, 1, 1, 1] })) },
      /4 inputs/,
    ],
  ])('finds %s', (_, graph, message) => {
    expect(findGraphProblem(graph)?.message).toMatch(message)
  })

  it('blames the pass that made an invalid graph', () => {
    expect(() => verifyGraph(withTensor(2, { shape: [4] }), 'fuseEverything')).toThrow(
      /fuseEverything made an invalid graph/,
    )
  })
})
