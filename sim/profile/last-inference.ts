import type { NetworkMap } from '../debug-info/network-map.ts'
import type { Window } from './cycle-profiler.ts'
import { type LayerInterval, layerIntervals } from './inference-profile.ts'

/** An inference: the cycles that it took, and when each layer ran, by its index. */
interface TimedInference extends Window {
  readonly times: readonly (LayerInterval | undefined)[]
}

/**
 * The inference that ended last; undefined when none came to its end, or when the notes are of a part of a run and lack
 * its begin.
 *
 * @param notes what firmware has noted of its layers, the bytes at `network.times`
 * @param region the region that firmware marks: the inference is all of it, when it lies in there
 */
export function lastInference(
  network: NetworkMap,
  notes: Uint8Array,
  region: Window | undefined,
): TimedInference | undefined {
  const times = layerIntervals(network, notes)
  const ran = times.filter((time) => time !== undefined)
  const [first, last] = [ran[0], ran.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const start = network.layers.findIndex(({ target }) => target !== 'none')
  if (first.from === 0 || first !== times[start]) return undefined
  const marked = region !== undefined && region.from <= first.from && last.until <= region.until
  return { times, ...(marked ? region : { from: first.from, until: last.until }) }
}
