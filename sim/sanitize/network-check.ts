/** What the map of a network in the firmware allows its commands: the tensors of their own layer. */
import type { Region } from '../accel/description.ts'
import type { NetworkLayer, NetworkMap } from '../debug-info/network-map.ts'
import type { CommandInfo } from './ring-order.ts'
import { endOf } from './runs.ts'

export class NetworkCheck {
  private readonly map: NetworkMap
  /** By command index. */
  private readonly layers: NetworkLayer[] = []

  constructor(map: NetworkMap) {
    this.map = map
    for (const layer of map.layers)
      for (let index = layer.commands?.first ?? 0; index < (layer.commands?.end ?? 0); index++)
        this.layers[index] = layer
  }

  /** Why a region in RAM is none of a command's business; undefined when it is. */
  outside(region: Region, index: number): string | undefined {
    const layer = this.layers[index]
    if (layer === undefined) return undefined
    const places = [...(region.access === 'read' ? layer.inputs : []), ...layer.outputs]
    const end = endOf(region)
    const holds = places.some((tensor) => {
      const { address, bytes } = this.map.tensors[tensor]!
      return region.start >= address && end <= address + bytes
    })
    if (holds) return undefined
    const names = places.map((tensor) => this.map.tensors[tensor]!.name).join(', ')
    return `layer ${layer.index} (${layer.op}) ${region.access}s only ${names}`
  }

  /** Why a command that reads what another left reads what is none of its business; undefined when it may. */
  stale(reader: CommandInfo, writer: CommandInfo, sameStream: boolean): string | undefined {
    const mine = this.layers[reader.index]
    const other = this.layers[writer.index]
    if (mine === undefined || other === undefined) return undefined
    if (!sameStream) return `it was left by the run before (layer ${other.index}, ${other.op})`
    // The map names what lies in RAM; a layer of which nothing does leaves its output in a scratchpad for others.
    const shared = [...other.outputs, ...other.inputs].some((tensor) => mine.inputs.includes(tensor))
    if (mine === other || shared || other.outputs.length === 0) return undefined
    return `it was left by layer ${other.index} (${other.op}), which has no tensor in common with layer ${mine.index} (${mine.op})`
  }
}
