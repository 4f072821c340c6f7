import { describe, expect, it } from 'vitest'
import { storageRoots } from '../../../compiler/target/aliases.ts'
import { partition } from '../../../compiler/target/partition.ts'
import type { Hardware, Lowering, Pattern, Target } from '../../../compiler/target/target.ts'
import { GraphBuilder } from '../graphs.ts'

const hardware = { description: { name: 'toy' } } as Hardware
const lowering = () => ({}) as Lowering
const targetOf = (...patterns: Pattern[]) => ({ description: { name: 'toy' }, patterns }) as unknown as Target

/** Two convolutions, the second reshaped. */
function network() {
  const b = new GraphBuilder()
  const input = b.tensor({ shape: [1, 8, 8, 1] })
  const first = b.conv3x3(input, 'relu')
  const second = b.conv3x3(first)
  const flat = b.add('reshape', {}, [second], { shape: [1, 16] })
  return { graph: b.graph([input], [flat]), first, second, flat }
}
const takeAll: Pattern = { operators: ['conv2d'], accepts: () => true, lowering }

describe('partition', () => {
  it('leaves everything to the CPU without an accelerator; renaming runs nowhere', () => {
    const { graph, second, flat } = network()
    const layers = partition(graph, undefined, undefined)
    expect(layers.map(({ on }) => on)).toEqual(['cpu', 'cpu', 'none'])
    expect(storageRoots(graph, layers)[flat]).toBe(second)
  })

  it('gives an accelerator what it accepts, and keeps its reason for the rest', () => {
    const { graph } = network()
    const choosy: Pattern<'conv2d'> = {
      operators: ['conv2d'],
      accepts: ({ operators: [conv] }) => (conv!.attributes.activation === 'relu' ? true : 'it lacks an activation'),
      lowering,
    }
    const layers = partition(graph, targetOf(choosy as unknown as Pattern), hardware)
    expect(layers.map(({ on }) => on)).toEqual(['accelerator', 'cpu', 'none'])
    expect(layers[1]).toMatchObject({ reason: 'it lacks an activation' })
  })

  it('says so when an accelerator has no pattern at all', () => {
    const [layer] = partition(network().graph, targetOf(), hardware)
    expect(layer).toMatchObject({ on: 'cpu', reason: 'toy has no pattern for conv2d' })
  })

  it('tries long patterns first, and only where nobody else reads what is between', () => {
    const pair: Pattern = { operators: ['conv2d', 'conv2d'], accepts: () => true, lowering }
    const { graph, first } = network()
    const joined = partition(graph, targetOf(takeAll, pair), hardware)
    expect(joined.map(({ operators }) => operators.length)).toEqual([2, 1])
    const watched = { ...graph, outputs: [...graph.outputs, first] }
    expect(partition(watched, targetOf(takeAll, pair), hardware).map(({ operators }) => operators.length)).toEqual([
      1, 1, 1,
    ])
  })
})
