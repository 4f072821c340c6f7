/** How many bytes of a memory are in use in each layer. */
import type { ArenaData, LayerData, ScratchpadData } from '../report-data.ts'

/** Of the arena: those of the tensors that a layer needs or that wait for a later one. */
export const arenaUse = ({ tensors }: ArenaData, layers: number): number[] =>
  Array.from({ length: layers }, (_, layer) =>
    tensors.reduce((sum, { first, last, bytes }) => sum + (first <= layer && layer <= last ? bytes : 0), 0),
  )

/** Of a scratchpad: the most that held something still to be read, at any instant of a layer. */
export const scratchpadUse = ({ spans }: ScratchpadData, layers: readonly LayerData[]): number[] =>
  layers.map(({ from, until }) => {
    const steps = spans.from.flatMap((start, i) => {
      const [begin, end] = [Math.max(from, start), Math.min(until, spans.until[i]!)]
      return end > begin ? [[begin, spans.bytes[i]!] as const, [end, -spans.bytes[i]!] as const] : []
    })
    // What ends makes room for what begins at the same instant.
    steps.sort(([a, more], [b, other]) => a - b || more - other)
    let [now, most] = [0, 0]
    for (const [, bytes] of steps) most = Math.max(most, (now += bytes))
    return most
  })
