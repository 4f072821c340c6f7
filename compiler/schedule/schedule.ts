import { UserError } from '../../sim/diagnostic.ts'

import { type TensorId, tensorOf } from '../ir/graph.ts'
import { type Layer, outputsOf } from '../target/partition.ts'
import type { Hardware, Operand } from '../target/target.ts'
import { firstTile, lowerLayer, type Operands } from './lower-layer.ts'
import { type Placement, placeLayer } from './place-layer.ts'
import { ramStorage } from './plan-memory.ts'
import type { Command, Storage } from './program.ts'
import { Residents, type ResidentTask } from './residents.ts'
import { emptyScratchpads } from './scratchpads.ts'
import { type Tiling, tilingsOf } from './tiles.ts'
import { type PlacedCommand, Timeline } from './timeline.ts'

/** A layer of the accelerator with its commands, addresses in scratchpads settled. */
interface ScheduledLayer {
  readonly layer: Layer & { readonly on: 'accelerator' }
  readonly tiling: Tiling
  readonly commands: readonly PlacedCommand[]
  /** Estimated time at which the layer's last command finishes, in accelerator cycles from the start. */
  readonly finish: number
}

export interface Schedule {
  readonly layers: readonly ScheduledLayer[]
  /** Storage in RAM by tensor; those that stay in the scratchpad have none. */
  readonly tensors: ReadonlyMap<TensorId, Storage>
  /** Tensors that stay in the scratchpad between their layers. */
  readonly residents: ReadonlyMap<TensorId, Storage>
}

/** Tilings that are tried per layer beyond the coarsest feasible one, fewest tiles first. */
const TRIALS = 40
/** Tilings with this many times more tiles than the coarsest feasible one are not tried. */
const FINEST = 16
/** Search ends at a tiling this close to the bound: the fraction of the time that the layer adds. */
const NEAR_ENOUGH = 0.01

/** State before a layer, to come back to. */
interface Checkpoint {
  readonly pads: Placement['pads']
  readonly length: number
}

/**
 * Chooses how every accelerator layer is cut, where its data lies in the scratchpads, and which
 * tensors stay there from layer to layer:
 *
 * 1. At first every tensor that can stay in a scratchpad does, at an address of its own.
 * 2. Layer by layer, the tilings of a layer are lowered, placed behind what has been scheduled before,
 *    and the one that ends soonest is kept. Prefetching across tiles and layers happens by itself,
 *    because a unit only waits for what conflicts with its command.
 * 3. When no tiling finds room, the largest tensor that stays in a scratchpad at this point is sent
 *    through RAM instead, and scheduling goes back to the layer that makes it.
 *
 * @throws UserError when a layer fits in no tiling
 */
export function scheduleLayers(task: ResidentTask): Schedule {
  const { layers, hardware } = task
  const residents = new Residents(task)
  const tensors = new Map<TensorId, Storage>()
  const placement: Placement = {
    hardware,
    timeline: new Timeline(hardware),
    addresses: new Map(),
    pads: emptyScratchpads(hardware.memories),
  }
  const checkpoints: Checkpoint[] = []
  const done: (ScheduledLayer | undefined)[] = []
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!
    checkpoints[index] = { pads: placement.pads, length: placement.timeline.length }
    done.length = index
    if (layer.on !== 'accelerator') continue
    const operands = operandsOf(layer, task, residents, tensors)
    done[index] = bestTiling(layer, operands, residents, placement)
    if (done[index] !== undefined) continue
    const victim = residents.dropLargest(index)
    if (victim === undefined) throw noTileFits(layer, hardware)
    index = victim.producer - 1
    const { pads, length } = checkpoints[victim.producer]!
    placement.pads = pads
    placement.timeline.truncate(length)
  }
  return {
    layers: done.filter((layer) => layer !== undefined),
    tensors,
    residents: new Map(residents.all.map(({ root, resident }) => [root, resident.location.storage])),
  }
}

/** The one storage in RAM of a tensor. */
function ramOperand(layer: Layer, root: TensorId, tensors: Map<TensorId, Storage>): Storage {
  const storage = tensors.get(root) ?? ramStorage(layer.graph, root)
  tensors.set(root, storage)
  return storage
}

function operandsOf(
  layer: Layer & { readonly on: 'accelerator' },
  { roots }: ResidentTask,
  residents: Residents,
  tensors: Map<TensorId, Storage>,
): Operands {
  const operand = (tensor: TensorId, writing: boolean): Operand => {
    const root = roots[tensor]!
    const stays = residents.get(root)
    if (stays !== undefined && !(writing && stays.needsRam)) return { tensor, resident: stays.resident }
    const ram = { storage: ramOperand(layer, root, tensors), offset: 0 }
    return stays === undefined ? { tensor, ram } : { tensor, ram, resident: stays.resident }
  }
  const { inputs, output } = layer.lowering
  return { inputs: inputs.map((tensor) => operand(tensor, false)), output: operand(output, true) }
}

/** A tiling that was tried: what it was lowered to, and how the timeline ended with it. */
interface Trial {
  readonly tiling: Tiling
  readonly commands: readonly Command[]
  readonly end: number
  readonly pressure: number
}

/** Tries the tilings of a layer and keeps the one that ends soonest; the placement then includes it. */
function bestTiling(
  layer: Layer & { readonly on: 'accelerator' },
  operands: Operands,
  residents: Residents,
  placement: Placement,
): ScheduledLayer | undefined {
  const { timeline } = placement
  const making = residents.madeBy(layer.index)
  const staying = residents.stayingAfter(layer.index)
  const before = { pads: placement.pads, length: timeline.length, busy: timeline.busyUntil() }
  const takeBack = () => {
    timeline.truncate(before.length)
    placement.pads = before.pads
  }
  const fits = (commands: readonly Command[]) => {
    const placed = placeLayer(commands, making, staying, placement)
    if (placed !== undefined) takeBack()
    return placed !== undefined
  }
  let best: Trial | undefined
  let coarsest = 0
  let goal = 0
  let trials = 0
  for (const tiling of tilingsOf(layer.lowering)) {
    if (trials >= TRIALS || (coarsest > 0 && tiling.count > coarsest * FINEST)) break
    if (!fits(firstTile(layer.lowering, tiling, operands, layer.index))) continue
    const commands = lowerLayer(layer.lowering, tiling, operands, layer.index)
    const placed = placeLayer(commands, making, staying, placement, best?.end)
    if (best !== undefined) trials++
    if (placed === undefined) continue
    if (best === undefined) {
      coarsest = tiling.count
      goal = nearEnough(before.busy, placed)
    }
    const { end, pressure } = timeline
    if (best === undefined || end < best.end || (end === best.end && pressure < best.pressure))
      best = { tiling, commands, end, pressure }
    takeBack()
    if (best.end <= goal) break
  }
  if (best === undefined) return undefined
  const commands = placeLayer(best.commands, making, staying, placement)!
  timeline.fence()
  return { layer, tiling: best.tiling, commands, finish: timeline.end }
}

/**
 * A time that no finer tiling beats by much: when the busiest unit could be done with the work of the
 * coarsest one if it never waited, and a bit.
 */
function nearEnough(busyUntil: readonly number[], coarsest: readonly PlacedCommand[]): number {
  const work = busyUntil.map((_, unit) =>
    coarsest.reduce((sum, one) => sum + (one.unit === unit ? one.cycles + one.busCycles : 0), 0),
  )
  const soonest = Math.max(...busyUntil.map((time, unit) => time + work[unit]!))
  return soonest + NEAR_ENOUGH * (soonest - Math.max(...busyUntil))
}

function noTileFits(layer: Layer, { description, memories }: Hardware): UserError {
  const sizes = Object.entries(memories).map(([name, { bytes }]) => `${name} ${bytes} bytes`)
  const { origin } = layer.operators[0]!
  return new UserError(
    'no-tile-fits',
    `not even the smallest tile fits the scratchpads of ${description.name} (${sizes.join(', ')})`,
    'give it larger scratchpads or build with --accelerator none',
    {
      file: layer.graph.name,
      at: `operator ${origin.index} (${origin.op}, makes ${tensorOf(layer.graph, outputsOf(layer)[0]!).name})`,
    },
  )
}
