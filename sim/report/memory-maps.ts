/** Which bytes of the arena and of the scratchpads were what, and when. */
import type { NetworkMap } from '../debug-info/network-map.ts'
import type { TimedCommand } from '../profile/timed-command.ts'
import type { Shift } from './command-columns.ts'
import type { ArenaData, LayerData, MemoryPiece, ScratchpadData } from './report-data.ts'
import { peakOf, ScratchpadUse } from './scratchpad-use.ts'

/** Tensors in RAM by the layers that are shown. */
export function arenaData({ arena, tensors }: NetworkMap, layers: readonly LayerData[]): ArenaData {
  const end = Math.max(0, layers.length - 1)
  /** Layers that run nowhere have no position: a lifetime covers those between its ends that have. */
  const lifetime = (firstLayer: number, lastLayer: number) => {
    const from = layers.findIndex(({ index }) => index >= firstLayer)
    const first = from < 0 ? end : from
    return {
      first,
      last: Math.max(
        first,
        layers.findLastIndex(({ index }) => index <= lastLayer),
      ),
    }
  }
  return {
    bytes: arena.bytes,
    ...(arena.lowerBoundBytes !== undefined && { lowerBoundBytes: arena.lowerBoundBytes }),
    tensors: tensors
      .filter(({ constant }) => !constant)
      .map(({ name, dtype, shape, address, bytes, firstLayer, lastLayer }) => ({
        name,
        type: `${dtype} [${shape.join(', ')}]`,
        offset: address - arena.address,
        bytes,
        ...lifetime(firstLayer, lastLayer),
      })),
  }
}

export interface ScratchpadTask {
  /** In the order in which they finished. */
  readonly commands: readonly TimedCommand[]
  /** Those that are shown. */
  readonly shown: readonly TimedCommand[]
  /** Sizes by name. */
  readonly memories: Readonly<Record<string, number>>
  readonly network: NetworkMap | undefined
  /** Position of the layer of a command of the stream; -1 for none. */
  readonly layerOf: (index: number) => number
}

/** What the scratchpads held; those that held nothing are left out. */
export function scratchpadData(task: ScratchpadTask, shift: Shift): ScratchpadData[] {
  const { commands, shown, memories, network, layerOf } = task
  const positions = new Map(shown.map((one, position) => [one, position]))
  return Object.entries(memories)
    .map(([name, bytes]) => {
      const use = new ScratchpadUse(name, bytes)
      for (const [number, one] of commands.entries()) {
        const { command, started, finished } = one
        use.follow(command, positions.get(one) ?? -1 - number, layerOf(command.index), started, finished)
      }
      const pieces = network === undefined ? [] : piecesIn(name, network, layerOf)
      const spans = shiftSpans(use.spans(), shift)
      return { name, bytes, peakBytes: peakOf(spans), spans, ...(pieces.length > 0 && { pieces }) }
    })
    .filter(({ spans }) => spans.from.length > 0)
}

/** Pieces of a scratchpad, each from the first layer with a command for it to the last. */
function piecesIn(memory: string, { buffers, commands }: NetworkMap, layerOf: ScratchpadTask['layerOf']) {
  const lives = new Map<number, { readonly first: number; readonly last: number }>()
  for (const [index, { buffers: touched }] of commands.entries()) {
    const layer = layerOf(index)
    if (layer < 0) continue
    for (const buffer of touched) {
      const { first, last } = lives.get(buffer) ?? { first: layer, last: layer }
      lives.set(buffer, { first: Math.min(first, layer), last: Math.max(last, layer) })
    }
  }
  // Tiles of one layer that take turns in the same bytes are one piece.
  const pieces = new Map<string, MemoryPiece>()
  for (const [i, { name, memory: where, address: offset, bytes }] of buffers.entries()) {
    const life = lives.get(i)
    if (where !== memory || life === undefined) continue
    const piece = { name, offset, bytes, ...life }
    pieces.set(JSON.stringify(piece), piece)
  }
  return [...pieces.values()]
}

/** What of the spans is shown. */
function shiftSpans(spans: Required<ScratchpadData['spans']>, shift: Shift): ScratchpadData['spans'] {
  const [from, until] = [spans.from.map(shift), spans.until.map(shift)]
  const inside = [...from.keys()].filter((i) => until[i]! > from[i]!)
  const pick = (column: readonly number[]) => inside.map((i) => column[i]!)
  return {
    from: pick(from),
    until: pick(until),
    address: pick(spans.address),
    bytes: pick(spans.bytes),
    layer: pick(spans.layer),
    command: pick(spans.command),
  }
}
