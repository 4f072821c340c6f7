/**
 * What the compiler says of the network in a firmware: JSON in the section `.presilicon.network`, which is not loaded.
 * Profiles, traces and the sanitizer speak of layers and tensors by it.
 */
import type { SymbolTable } from '../elf/symbols.ts'

export const NETWORK_SECTION = '.presilicon.network'

/** A layer: what is scheduled as one. */
export interface NetworkLayer {
  readonly index: number
  /** Name of its first output. */
  readonly name: string
  readonly op: string
  /** Name of the accelerator, or `cpu`. Layers that are only another view of a tensor are `none`. */
  readonly target: string
  readonly macs: number
  /** Commands [first, end) of the stream as the accelerator counts them, when it runs there. */
  readonly commands?: { readonly first: number; readonly end: number }
  /** Tensors read and written, as indices into `tensors`. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** What the compiler's model says it takes; cycles of the SoC from the end of the layer before. */
  readonly predictedCycles?: number
}

/** A tensor, or other read-only data of a layer, where it lies in memory. */
interface TensorPlace {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: number
  readonly constant: boolean
  /** Layers, by index, during which its bytes must stay: from the one that writes it to the last that reads it. */
  readonly firstLayer: number
  readonly lastLayer: number
}

interface NetworkTensor extends TensorPlace {
  readonly address: number
}

/** A piece of a scratchpad for one purpose: a tile, weights, or a tensor that stays there. Pieces share bytes over time. */
interface NetworkBuffer {
  readonly name: string
  readonly memory: string
  readonly address: number
  readonly bytes: number
}

/** What one command is about, and what it may touch, as indices into `tensors` and `buffers`. */
interface CommandPlaces {
  readonly note: string
  readonly tensors: readonly number[]
  readonly buffers: readonly number[]
}

/** Where activations are. */
interface Arena {
  readonly bytes: number
  /** Fewer no plan can take, alignment included; absent in maps that were made before there was this. */
  readonly lowerBoundBytes?: number
}

export interface NetworkMap {
  readonly version: 1
  readonly name: string
  readonly accelerator: string | undefined
  /** Name of the function that runs the network once. */
  readonly entry: string
  readonly arena: Arena & { readonly address: number }
  /** Where firmware notes when each layer ran: start and end by index, 8 bytes each, in cycles of mcycle. */
  readonly times: number
  readonly layers: readonly NetworkLayer[]
  readonly tensors: readonly NetworkTensor[]
  /** Empty, as `commands`, in maps that were made before there were these. */
  readonly buffers: readonly NetworkBuffer[]
  /** By index of the command. */
  readonly commands: readonly CommandPlaces[]
  /** Where the commands are: what runs from elsewhere is none of the network's. */
  readonly stream: { readonly address: number; readonly bytes: number } | undefined
}

/** The map as it stands in the section: places are symbols with an offset, because the linker gives addresses later. */
export interface StoredNetworkMap extends Omit<NetworkMap, 'arena' | 'times' | 'tensors' | 'accelerator' | 'stream'> {
  readonly accelerator?: string
  readonly arena: Arena & { readonly symbol: string }
  readonly stream?: { readonly symbol: string; readonly bytes: number }
  /** Symbol. */
  readonly times: string
  readonly tensors: readonly (TensorPlace & { readonly symbol: string; readonly offset: number })[]
}

/** Reads the section's contents; undefined when they are none that this version understands. */
export function readNetworkMap(section: Uint8Array, symbols: SymbolTable): NetworkMap | undefined {
  const stored = parse(section)
  const place = (symbol: string) => symbols.get(symbol)?.address
  const address = place(stored?.arena.symbol ?? '')
  if (stored === undefined || address === undefined) return undefined
  const { symbol: _, ...arena } = stored.arena
  return {
    ...stored,
    accelerator: stored.accelerator,
    arena: { ...arena, address },
    stream: stored.stream && { address: place(stored.stream.symbol) ?? 0, bytes: stored.stream.bytes },
    times: place(stored.times) ?? 0,
    buffers: stored.buffers ?? [],
    commands: stored.commands ?? [],
    // What the linker has dropped has no address; entries must keep their positions.
    tensors: stored.tensors.map(({ symbol, offset, ...tensor }) => ({
      ...tensor,
      address: (place(symbol) ?? 0) + offset,
    })),
  }
}

function parse(section: Uint8Array): StoredNetworkMap | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(section)) as StoredNetworkMap
    return value.version === 1 ? value : undefined
  } catch {
    return undefined
  }
}
