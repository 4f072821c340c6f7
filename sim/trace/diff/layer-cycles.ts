/** Which layers of a network take another time in one trace than in the other. */
import type { TraceReader } from '../reader.ts'

/** Cycles of one layer in both traces; undefined where it has not run from its begin to its end. */
interface LayerDifference {
  readonly index: number
  readonly op: string
  readonly name: string
  readonly a: number | undefined
  readonly b: number | undefined
}

export interface LayerComparison {
  /** Those that take another time. */
  readonly layers: readonly LayerDifference[]
  /** From the begin of the first layer to the end of the last. */
  readonly total: { readonly a: number; readonly b: number }
}

/** When a layer began and ended. */
interface Times {
  readonly begin: number
  readonly end: number
}

/**
 * Compares the last whole inference of both traces. A layer's cycles are those from the end of the layer before, or from its
 * own begin when that is later: what layers do at the same time counts once.
 *
 * @returns undefined when the networks are not the same, or a trace has no layer that ran
 */
export function layerCycles(a: TraceReader, b: TraceReader): LayerComparison | undefined {
  const layers = a.header.network?.layers ?? []
  const others = b.header.network?.layers ?? []
  if (layers.length !== others.length || layers.some(({ op }, i) => op !== others[i]!.op)) return undefined
  const [inA, inB] = [lastInference(a), lastInference(b)]
  if (inA.size === 0 || inB.size === 0) return undefined
  const [x, y] = [cyclesOf(inA), cyclesOf(inB)]
  const both = layers.map(({ index, op, name }) => ({ index, op, name, a: x.get(index), b: y.get(index) }))
  return { layers: both.filter(({ a, b }) => a !== b), total: { a: totalOf(inA), b: totalOf(inB) } }
}

/** The last inference of which as much is there as of any, by layer. */
function lastInference(trace: TraceReader): ReadonlyMap<number, Times> {
  let best = new Map<number, Times>()
  let current = new Map<number, Times>()
  let begun = new Map<number, number>()
  for (const event of trace.events()) {
    if (event.kind !== 'layer') continue
    const { index, at } = event
    if (event.begins && begun.has(index)) {
      // The network runs again.
      if (current.size >= best.size) best = current
      current = new Map()
      begun = new Map()
    }
    if (event.begins) begun.set(index, at)
    else if (begun.has(index)) current.set(index, { begin: begun.get(index)!, end: at })
  }
  return current.size >= best.size ? current : best
}

function cyclesOf(inference: ReadonlyMap<number, Times>): Map<number, number> {
  const cycles = new Map<number, number>()
  let before = 0
  for (const [index, { begin, end }] of [...inference].sort(([a], [b]) => a - b)) {
    cycles.set(index, Math.max(0, end - Math.max(before, begin)))
    before = Math.max(before, end)
  }
  return cycles
}

function totalOf(inference: ReadonlyMap<number, Times>): number {
  const times = [...inference.values()]
  return Math.max(...times.map(({ end }) => end)) - Math.min(...times.map(({ begin }) => begin))
}
