import { describe, expect, it } from 'vitest'
import { analyseFlow } from '../../../../sim/cpu/translator/flow-graph.ts'
import type { Block, BlockEnd } from '../../../../sim/cpu/translator/region.ts'

/** Blocks from lists of successors, at most two each. */
const blocks = (...edges: readonly (readonly number[])[]): Block[] =>
  edges.map(([first, second], pc): Block => {
    const end: BlockEnd =
      first === undefined
        ? { kind: 'step', pc: 0 }
        : second === undefined
          ? { kind: 'go', to: { block: first } }
          : { kind: 'branch', taken: { block: first }, otherwise: { block: second } }
    return { pc, instructions: [], end }
  })

describe('flow graph', () => {
  it('finds the join of a condition, dominated by where it forks', () => {
    const graph = analyseFlow(blocks([1, 2], [3], [3], []))
    expect([...graph.merges]).toEqual([3])
    expect(graph.children[0]).toEqual(expect.arrayContaining([1, 2, 3]))
    expect(graph.loopHeads.size).toBe(0)
  })

  it('finds nested loops by their heads', () => {
    const graph = analyseFlow(blocks([1], [2], [2, 3], [1, 4], []))
    expect([...graph.loopHeads].sort()).toEqual([1, 2])
    expect(graph.merges.size).toBe(0)
    expect(graph.reducible).toBe(true)
  })

  it('counts both edges of a branch that goes to one place', () => {
    expect([...analyseFlow(blocks([1, 1], [])).merges]).toEqual([1])
  })

  it('recognises a loop with two entries', () => {
    expect(analyseFlow(blocks([1, 2], [2], [1, 3], [])).reducible).toBe(false)
  })

  it('leaves out what cannot be reached', () => {
    expect(analyseFlow(blocks([2], [2], [])).order).toEqual([0, 2])
  })
})
