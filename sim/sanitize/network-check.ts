/**
 * What the map of a network in the firmware allows its commands: the tensors and the pieces of scratchpads that each of
 * them is meant to touch, with what was put there for it.
 */
import type { Region } from '../accel/description.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import { hex } from './places.ts'
import type { CommandInfo } from './ring-order.ts'
import { endOf } from './runs.ts'

/** A run of bytes of a memory that has a name. */
interface Place {
  readonly name: string
  readonly address: number
  readonly bytes: number
}

/** A tensor, in RAM or in a scratchpad, that is complete when a layer ends. */
export interface FinishedTensor extends Place {
  readonly memory: string
  /** Whether a command is one of those that make it. */
  readonly isMadeBy: (command: CommandInfo) => boolean
  readonly layer: NetworkLayer
}

export class NetworkCheck {
  private readonly map: NetworkMap
  /** By the command's place in the stream. */
  private readonly layers: NetworkLayer[] = []

  constructor(map: NetworkMap) {
    this.map = map
    if (map.stream === undefined) return
    for (const layer of map.layers)
      for (let index = layer.commands?.first ?? 0; index < (layer.commands?.end ?? 0); index++)
        this.layers[index] = layer
  }

  /** What a command is about: `layer 3 (CONV_2D), weights`; undefined for one that is not the network's. */
  describe(command: CommandInfo): string | undefined {
    const layer = this.layerOf(command)
    const note = this.map.commands[this.positionOf(command)]?.note
    return layer && `layer ${layer.index} (${layer.op})${note === undefined ? '' : `, ${note}`}`
  }

  /** What the compiler calls the piece of a scratchpad that a command has there: `weights+16`. */
  nameOf(command: CommandInfo, memory: string, address: number): string | undefined {
    if (this.layerOf(command) === undefined) return undefined
    const place = this.placesOf(memory, command).find((one) => contains(one, address))
    return place && `${place.name}${address === place.address ? '' : `+${address - place.address}`}`
  }

  /** Why a region is none of a command's business; undefined when it is. */
  outside(region: Region, command: CommandInfo): string | undefined {
    const layer = this.layerOf(command)
    if (layer === undefined) return undefined
    const places = this.placesOf(region.memory, command)
    // A command without a place there says nothing: not every address is one that the compiler had to plan.
    if (places.length === 0) return undefined
    const end = endOf(region)
    if (places.some(({ address, bytes }) => region.start >= address && end <= address + bytes)) return undefined
    return `in layer ${layer.index} (${layer.op}) it is for ${places.map(placeText).join(' and ')} only`
  }

  /** Why a byte that another command has written is none of a reader's business; undefined when it is. */
  stale(reader: CommandInfo, writer: CommandInfo, memory: string, address: number): string | undefined {
    const other = this.layerOf(writer)
    if (this.layerOf(reader) === undefined || other === undefined) return undefined
    const from = `layer ${other.index} (${other.op})`
    if (reader.stream !== writer.stream) return `it was left there by ${from} in the run before`
    const place = this.placesOf(memory, reader).find((one) => contains(one, address))
    if (place === undefined) return undefined
    const its = this.placesOf(memory, writer)
    const made: readonly (Place | undefined)[] =
      memory === 'ram' ? other.outputs.map((tensor) => this.map.tensors[tensor]) : its
    if (made.includes(place)) return undefined
    const was = its.find((one) => contains(one, address))
    const left = was === undefined || was === place ? from : `${from} as part of ${was.name}`
    return `nothing has put ${place.name} there in this run: it was left by ${left}`
  }

  /** Tensors that are complete once this command, the last of its layer, has finished. */
  finishedBy(command: CommandInfo): FinishedTensor[] {
    const layer = this.layerOf(command)
    if (layer === undefined || this.positionOf(command) !== layer.commands!.end - 1) return []
    const inRam = layer.outputs.flatMap((tensor) => {
      const makers = this.map.layers.filter(({ outputs }) => outputs.includes(tensor))
      if (makers.at(-1) !== layer || makers.some(({ commands }) => commands === undefined)) return []
      const isMadeBy = (other: CommandInfo) => makers.includes(this.layerOf(other)!)
      return [{ ...this.map.tensors[tensor]!, memory: 'ram', isMadeBy, layer }]
    })
    const isMadeBy = (other: CommandInfo) => this.layerOf(other) === layer
    return [...inRam, ...this.keptAfter(layer).map((buffer) => ({ ...buffer, isMadeBy, layer }))]
  }

  /** What a layer makes in scratchpads for later ones. */
  private keptAfter(layer: NetworkLayer): NetworkMap['buffers'][number][] {
    const { first, end } = layer.commands!
    const of = (commands: NetworkMap['commands']) => new Set(commands.flatMap(({ buffers }) => buffers))
    const { commands } = this.map
    const [before, later] = [of(commands.slice(0, first)), of(commands.slice(end))]
    const own = [...of(commands.slice(first, end))]
    return own.filter((buffer) => later.has(buffer) && !before.has(buffer)).map((buffer) => this.map.buffers[buffer]!)
  }

  private layerOf(command: CommandInfo): NetworkLayer | undefined {
    return this.layers[this.positionOf(command)]
  }

  /** Its place in the stream; not a number or out of range for a command of something else. */
  private positionOf({ address }: CommandInfo): number {
    const { stream, commands } = this.map
    return stream === undefined ? -1 : ((address - stream.address) * commands.length) / stream.bytes
  }

  private placesOf(memory: string, command: CommandInfo): readonly Place[] {
    const { tensors, buffers } = this.map.commands[this.positionOf(command)]!
    if (memory === 'ram') return tensors.map((tensor) => this.map.tensors[tensor]!)
    return buffers.map((buffer) => this.map.buffers[buffer]!).filter((buffer) => buffer.memory === memory)
  }
}

const contains = ({ address, bytes }: Place, at: number) => at >= address && at < address + bytes

function placeText({ name, address, bytes }: Place): string {
  return `${name} (${hex(address)} to ${hex(address + bytes - 1)})`
}
