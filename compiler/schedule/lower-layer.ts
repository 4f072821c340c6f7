import type { Layout, Lowering, Operand, Tile, Workspace } from '../target/target.ts'
import { type Command, type Location, RAM, type Storage } from './program.ts'
import { describeTile, type Tiling, tilesOf } from './tiles.ts'

/** Where a layer finds its activations and puts its result. */
export interface Operands {
  readonly inputs: readonly Operand[]
  readonly output: Operand
}

/** Collects the commands of one layer while its target lowers tile after tile. */
class LayerWorkspace implements Workspace {
  readonly inputs: readonly Operand[]
  readonly output: Operand
  readonly commands: Command[] = []
  tile = ''
  private readonly layer: number
  private readonly kept = new Map<string, { key: string; value: unknown }>()
  private readonly constants = new Map<string, Storage>()

  constructor(operands: Operands, layer: number) {
    this.inputs = operands.inputs
    this.output = operands.output
    this.layer = layer
  }

  buffer(memory: string, bytes: number, name: string, alignment = 1): Location {
    return { storage: { name, memory, bytes, alignment }, offset: 0 }
  }

  keep<T>(slot: string, key: string, make: () => T): T {
    const kept = this.kept.get(slot)
    if (kept?.key === key) return kept.value as T
    const value = make()
    this.kept.set(slot, { key, value })
    return value
  }

  constant(key: string, bytes: number, make: () => Uint8Array): Location {
    const known = this.constants.get(key)
    const storage = known ?? {
      name: `layer ${this.layer} ${key}`,
      memory: RAM,
      bytes,
      alignment: 1,
      data: make,
    }
    this.constants.set(key, storage)
    return { storage, offset: 0 }
  }

  emit(name: string, fields: Command['fields'], note: string): void {
    this.commands.push({ name, fields, layer: this.layer, note: this.tile === '' ? note : `${note}: ${this.tile}` })
  }
}

/** The commands of a layer that is cut in this way, in loop order. */
export function lowerLayer(lowering: Lowering, tiling: Tiling, operands: Operands, layer: number): Command[] {
  const work = new LayerWorkspace(operands, layer)
  for (const tile of tilesOf(lowering.axes, tiling)) {
    work.tile = describeTile(lowering.axes, tile)
    lowering.lower(tile as Tile<never>, work as Workspace<Layout>)
  }
  return work.commands
}

/** The commands of the first tile alone, the largest. */
export function firstTile(lowering: Lowering, tiling: Tiling, operands: Operands, layer: number): Command[] {
  const work = new LayerWorkspace(operands, layer)
  const { value } = tilesOf(lowering.axes, tiling).next()
  if (value !== undefined) lowering.lower(value as Tile<never>, work as Workspace<Layout>)
  return work.commands
}
