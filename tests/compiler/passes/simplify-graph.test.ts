import { describe, expect, it } from 'vitest'
import type { Graph } from '../../../compiler/ir/graph.ts'
import { foldConstants } from '../../../compiler/passes/fold-constants.ts'
import { fuseActivations } from '../../../compiler/passes/fuse-activations.ts'
import { fusePadding } from '../../../compiler/passes/fuse-padding.ts'
import { removeUnused } from '../../../compiler/passes/remove-unused.ts'
import { simplifyGraph } from '../../../compiler/passes/simplify-graph.ts'
import { verifyGraph } from '../../../compiler/passes/verify-graph.ts'
import { evaluateGraph } from '../../../compiler/reference/evaluate-graph.ts'
import { Random } from '../../runtime-c/random.ts'
import { GraphBuilder } from '../graphs.ts'

const image = [1, 6, 6, 1]
const padding = (value: number) => ({ before: [0, 1, 1, 0], after: [0, 1, 2, 0], value })
const kinds = (graph: Graph) => graph.operators.map(({ kind }) => kind)

/** Both graphs are valid and give the same bytes for random images. */
function expectSameResults(before: Graph, after: Graph): void {
  verifyGraph(before)
  verifyGraph(after, 'the pass')
  const r = new Random(1)
  for (let i = 0; i < 5; i++) {
    const input = r.int8(36)
    expect(evaluateGraph(after, [input])).toEqual(evaluateGraph(before, [input]))
  }
}

describe('foldConstants', () => {
  it('computes what depends on constants only, through chains', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const constant = b.tensor({ shape: [1, 2], data: Int8Array.of(-128, 127) })
    const halves = b.add('relu', {}, [constant], { shape: [1, 2] })
    const mean = b.add('mean', { axes: [1], keepDims: false }, [halves], { shape: [1] })
    const graph = b.graph([input], [b.add('add', { activation: 'none' }, [input, mean], { shape: image })])
    const folded = foldConstants(graph)
    expect(kinds(folded)).toEqual(['add'])
    expect(folded.tensors[folded.operators[0]!.inputs[1]!]!.data).toEqual(Int8Array.of(65))
    expectSameResults(graph, folded)
  })

  it('leaves an output of the graph to be computed', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const constant = b.tensor({ shape: [1], data: Int8Array.of(5) })
    const graph = b.graph([input], [b.add('relu', {}, [constant], { shape: [1] })])
    expect(kinds(foldConstants(graph))).toEqual(['relu'])
  })
})

describe('fusePadding', () => {
  const padded = (value: number, alsoOutput: boolean) => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const pad = b.add('pad', padding(value), [input], { shape: [1, 8, 9, 1] })
    const conv = b.conv3x3(pad)
    return b.graph([input], alsoOutput ? [pad, conv] : [conv])
  }

  it('lets the convolution pad with its zero point', () => {
    const graph = padded(3, false)
    const fused = fusePadding(graph)
    expect(kinds(fused)).toEqual(['conv2d'])
    expect(fused.operators[0]!.attributes).toMatchObject({ padding: { top: 1, bottom: 1, left: 1, right: 2 } })
    expectSameResults(graph, fused)
  })

  it('keeps a PAD with another value, one that is read elsewhere, and one wider than the window', () => {
    expect(kinds(fusePadding(padded(4, false)))).toEqual(['pad', 'conv2d'])
    expect(kinds(fusePadding(padded(3, true)))).toEqual(['pad', 'conv2d'])
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const wide = { before: [0, 3, 0, 0], after: [0, 0, 0, 0], value: 3 }
    const conv = b.conv3x3(b.add('pad', wide, [input], { shape: [1, 9, 6, 1] }))
    expect(kinds(fusePadding(b.graph([input], [conv])))).toEqual(['pad', 'conv2d'])
  })
})

describe('fuseActivations', () => {
  const clamped = (change: { scale?: number; alsoOutput?: boolean; activation?: 'relu' } = {}) => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const conv = b.conv3x3(input, change.activation)
    const quantisation = { scales: [change.scale ?? 0.5], zeroPoints: [3], axis: 0 }
    const relu = b.add('relu6', {}, [conv], { shape: [1, 4, 4, 1], quantisation })
    return b.graph([input], change.alsoOutput === true ? [conv, relu] : [relu])
  }

  it('makes a clamp part of the operator before it', () => {
    const graph = clamped()
    const fused = fuseActivations(graph)
    expect(fused.operators).toMatchObject([{ kind: 'conv2d', attributes: { activation: 'relu6' } }])
    expectSameResults(graph, fused)
  })

  it('keeps a clamp after another one, and one whose input is read elsewhere', () => {
    expect(kinds(fuseActivations(clamped({ activation: 'relu' })))).toEqual(['conv2d', 'relu6'])
    expect(kinds(fuseActivations(clamped({ alsoOutput: true })))).toEqual(['conv2d', 'relu6'])
  })

  it('keeps a RELU that rescales', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const quantisation = { scales: [0.25], zeroPoints: [3], axis: 0 }
    const relu = b.add('relu', {}, [b.conv3x3(input)], { shape: [1, 4, 4, 1], quantisation })
    expect(kinds(fuseActivations(b.graph([input], [relu])))).toEqual(['conv2d', 'relu'])
  })
})

describe('removeUnused', () => {
  it('drops chains that end nowhere, and their tensors', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    b.conv3x3(b.conv3x3(input))
    const relu = b.add('relu', {}, [input], { shape: image })
    const graph = b.graph([input], [relu])
    const smaller = removeUnused(graph)
    expect(kinds(smaller)).toEqual(['relu'])
    expect(smaller.tensors).toHaveLength(2)
    expectSameResults(graph, smaller)
  })
})

describe('simplifyGraph', () => {
  it('runs every pass in turn and shows each result', () => {
    const b = new GraphBuilder()
    const input = b.tensor({ shape: image })
    const pad = b.add('pad', padding(3), [input], { shape: [1, 8, 9, 1] })
    const relu = b.add('relu', {}, [b.conv3x3(pad)], { shape: [1, 6, 7, 1] })
    const graph = b.graph([input], [relu])
    const seen: string[] = []
    const simple = simplifyGraph(graph, (pass, { operators }) => seen.push(`${pass} ${operators.length}`))
    expect(seen).toEqual(['foldConstants 3', 'fusePadding 2', 'fuseActivations 1', 'removeUnused 1'])
    expectSameResults(graph, simple)
  })
})
