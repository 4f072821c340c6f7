import type { Graph, Operator, TensorId } from '../ir/graph.ts'
import type { Hardware, Lowering, Match, Target } from './target.ts'

/** Operators that run together, where they run, and why not elsewhere. */
export type Layer = Match & {
  readonly index: number
} & (
    | { readonly on: 'accelerator'; readonly lowering: Lowering }
    /** `reason`: why the accelerator did not take it; undefined without an accelerator. */
    | { readonly on: 'cpu'; readonly reason?: string }
    /** The output is the input under another shape: nothing runs. */
    | { readonly on: 'none' }
  )

/** The layer's last output: every operator of a layer but the last feeds only the next. */
export function outputsOf(layer: Match): readonly TensorId[] {
  return layer.operators.at(-1)!.outputs
}

/** Names of the layer's operators, as the model's file calls them. */
export const operatorNames = ({ operators }: Match): string => operators.map(({ origin }) => origin.op).join('+')

/**
 * Cuts a graph into layers, in execution order:
 *
 * 1. Operators that only rename bytes run nowhere.
 * 2. At every other operator, the target's patterns are tried, longest first; the first that matches a
 *    chain of operators and accepts it takes them all.
 * 3. What no pattern takes runs on the CPU, with the reason that the target gave.
 */
export function partition(graph: Graph, target: Target | undefined, hardware: Hardware | undefined): Layer[] {
  const layers: Layer[] = []
  for (let at = 0; at < graph.operators.length; ) {
    const layer = layerAt(graph, at, layers.length, target, hardware)
    layers.push(layer)
    at += layer.operators.length
  }
  return layers
}

function layerAt(graph: Graph, at: number, index: number, target?: Target, hardware?: Hardware): Layer {
  const operator = graph.operators[at]!
  const single = { index, graph, operators: [operator] }
  if (operator.kind === 'reshape') return { ...single, on: 'none' }
  if (target === undefined || hardware === undefined) return { ...single, on: 'cpu' }
  let reason = `${target.description.name} has no pattern for ${operator.kind}`
  const patterns = [...target.patterns].sort((a, b) => b.operators.length - a.operators.length)
  for (const pattern of patterns) {
    const operators = chainAt(graph, at, pattern.operators)
    if (operators === undefined) continue
    const match: Match = { graph, operators }
    const answer = pattern.accepts(match, hardware)
    if (answer === true) return { index, ...match, on: 'accelerator', lowering: pattern.lowering(match, hardware) }
    reason = answer
  }
  return { ...single, on: 'cpu', reason }
}

/** The operators from `at` on if they are of these kinds and each feeds only the next, and nothing else. */
function chainAt(graph: Graph, at: number, kinds: readonly string[]): Operator[] | undefined {
  const chain = graph.operators.slice(at, at + kinds.length)
  const fits = chain.length === kinds.length && chain.every(({ kind }, i) => kind === kinds[i])
  const linked = chain.slice(1).every((next, i) => {
    const made = chain[i]!.outputs[0]!
    const readers = graph.operators.filter(({ inputs }) => inputs.includes(made))
    return readers.length === 1 && readers[0] === next && next.inputs[0] === made && !graph.outputs.includes(made)
  })
  return fits && linked ? chain : undefined
}
