/** The description of a network that its firmware carries for profiles, traces and checks. */
import type { StoredNetworkMap } from '../../sim/debug-info/network-map.ts'
import { type TensorId, tensorOf } from '../ir/graph.ts'
import { operatorMacs } from '../ops/index.ts'
import { type Storage, storagesOf } from '../schedule/program.ts'
import type { StreamCommand } from '../schedule/stream.ts'
import { type Layer, operatorNames, outputsOf } from '../target/partition.ts'
import type { ModelPlan } from './model-source.ts'

type StoredTensor = StoredNetworkMap['tensors'][number]

/** Read-only data of the model, and the layers that read it. */
export class ConstantUses {
  private readonly all = new Map<
    string,
    { readonly bytes: number; readonly dtype: string; readonly layers: number[] }
  >()

  /** @param ctype e.g. `int8_t` */
  define(symbol: string, ctype: string, bytes: number): void {
    this.all.set(symbol, { bytes, dtype: ctype.replace(/_t$/, ''), layers: [] })
  }

  /** Says that a layer reads it. */
  use(symbol: string, layer: number): void {
    this.all.get(symbol)?.layers.push(layer)
  }

  /** Those that layers read, as tensors of one dimension. */
  tensors(): StoredTensor[] {
    return [...this.all].flatMap(([symbol, { bytes, dtype, layers }]) => {
      if (layers.length === 0) return []
      const shape = [(bytes * 8) / Number(/\d+$/.exec(dtype)?.[0] ?? 8)]
      const life = { firstLayer: Math.min(...layers), lastLayer: Math.max(...layers) }
      return [{ name: symbol, dtype, shape, bytes, constant: true, ...life, symbol, offset: 0 }]
    })
  }

  layersOf(symbol: string): readonly number[] {
    return this.all.get(symbol)?.layers ?? []
  }
}

/** Symbols of the firmware. */
interface Symbols {
  readonly arena: string
  /** Where the times of the layers are. */
  readonly profile: string
  /** The function that runs the network once. */
  readonly entry: string
  /** The table of commands. */
  readonly commands: string
}

/** @param symbolOf symbol of read-only data */
export function networkMap(
  plan: ModelPlan,
  constants: ConstantUses,
  symbols: Symbols,
  symbolOf: (storage: Storage) => string | undefined,
): StoredNetworkMap {
  const { graph, layers, memory, accelerator } = plan
  const { bytes, lowerBoundBytes } = memory.arena
  const activations = memory.storages.map(({ tensor, bytes }, i): StoredTensor => {
    const { name, dtype, shape } = tensorOf(graph, tensor!)
    const { first, last } = memory.blocks[i]!
    const place = { symbol: symbols.arena, offset: memory.arena.offsets[i]! }
    return { name, dtype, shape: [...shape], bytes, constant: false, firstLayer: first, lastLayer: last, ...place }
  })
  const tensors = [...activations, ...constants.tensors()]
  const positions = new Map(memory.storages.map(({ tensor }, i) => [tensor!, i]))
  const symbolPositions = new Map(tensors.map(({ symbol, constant }, i) => [constant ? symbol : '', i]))
  const positionOf = (storage: Storage) =>
    storage.tensor === undefined ? symbolPositions.get(symbolOf(storage) ?? '-') : positions.get(storage.tensor)
  const inArena = (ids: readonly TensorId[]) => [...new Set(ids.flatMap((id) => positions.get(plan.roots[id]!) ?? []))]
  return {
    version: 1,
    name: graph.name,
    ...(accelerator && { accelerator: accelerator.hardware.description.name }),
    entry: symbols.entry,
    arena: { symbol: symbols.arena, bytes, lowerBoundBytes },
    times: symbols.profile,
    layers: layers.map((layer) => ({
      index: layer.index,
      name: tensorOf(graph, outputsOf(layer)[0]!).name,
      op: operatorNames(layer),
      target: layer.on === 'accelerator' ? accelerator!.hardware.description.name : layer.on,
      macs: layer.operators.reduce((sum, operator) => sum + operatorMacs(graph, operator), 0),
      ...acceleratorMembers(plan, layer),
      inputs: [
        ...inArena(layer.operators.flatMap(({ inputs }) => inputs)),
        ...tensors.flatMap(({ symbol, constant }, i) =>
          constant && constants.layersOf(symbol).includes(layer.index) ? [i] : [],
        ),
      ],
      outputs: inArena(outputsOf(layer)),
    })),
    tensors,
    ...commandPlaces(accelerator?.stream.commands ?? [], positionOf),
    ...(accelerator && { stream: { symbol: symbols.commands, bytes: streamBytes(accelerator) } }),
  }
}

const streamBytes = ({ hardware, stream }: NonNullable<ModelPlan['accelerator']>) =>
  stream.commands.length * hardware.description.frontEnd.bytesPerCommand

/** What each command of the stream may touch. */
function commandPlaces(
  commands: readonly StreamCommand[],
  positionOf: (storage: Storage) => number | undefined,
): Pick<StoredNetworkMap, 'buffers' | 'commands'> {
  const placed = new Map(commands.flatMap(({ buffers }) => buffers.map(({ storage, address }) => [storage, address])))
  const positions = new Map([...placed.keys()].map((storage, i) => [storage, i]))
  return {
    buffers: [...placed].map(([{ name, memory, bytes }, address]) => ({ name, memory, address, bytes })),
    commands: commands.map((command) => ({
      note: command.note,
      tensors: [...new Set(storagesOf(command).flatMap((storage) => positionOf(storage) ?? []))],
      buffers: [...new Set(command.buffers.map(({ storage }) => positions.get(storage)!))],
    })),
  }
}

/** Which commands of the stream a layer is, and how long the schedule says that it takes. */
function acceleratorMembers({ accelerator }: ModelPlan, { index }: Layer) {
  if (accelerator === undefined) return {}
  const { commands } = accelerator.stream
  const first = commands.findIndex(({ layer }) => layer === index)
  if (first < 0) return {}
  const predicted = accelerator.predictedCycles.get(index)
  return {
    commands: { first, end: commands.findLastIndex(({ layer }) => layer === index) + 1 },
    ...(predicted !== undefined && { predictedCycles: predicted }),
  }
}
