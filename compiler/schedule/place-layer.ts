import type { Hardware } from '../target/target.ts'
import { type Command, RAM, type Storage, storagesOf } from './program.ts'
import { allocate, claim, release, type ScratchpadState } from './scratchpads.ts'
import { type PlacedCommand, placeCommand, type Timeline } from './timeline.ts'

/** What placing commands needs and changes: addresses grow, the scratchpads' state is replaced. */
export interface Placement {
  readonly hardware: Hardware
  readonly timeline: Timeline
  /** Addresses of storages in scratchpads, and stand-ins for those in RAM. */
  readonly addresses: Map<Storage, number>
  pads: ScratchpadState
}

/**
 * Gives scratchpad addresses to the storages of a layer's commands and adds the commands to the
 * timeline, one by one: a storage is allocated at its first command and released after its last,
 * unless it is in `staying`.
 * @param making storages that have their address already and live from the start of the layer
 * @param deadline gives up once the timeline ends later than this
 * @returns undefined, with everything taken back, when a storage finds no room or a command is illegal
 */
export function placeLayer(
  commands: readonly Command[],
  making: readonly (readonly [Storage, number])[],
  staying: ReadonlySet<Storage>,
  placement: Placement,
  deadline = Number.POSITIVE_INFINITY,
): PlacedCommand[] | undefined {
  const { timeline, hardware, addresses } = placement
  const before = { pads: placement.pads, length: timeline.length }
  for (const [storage, address] of making) {
    placement.pads = claim(placement.pads, storage, address)
    addresses.set(storage, address)
  }
  const lastUse = new Map<Storage, number>()
  for (const [index, command] of commands.entries())
    for (const storage of storagesOf(command)) if (storage.memory !== RAM) lastUse.set(storage, index)
  const placed: PlacedCommand[] = []
  for (const [index, command] of commands.entries()) {
    const unit = hardware.description.units.indexOf(hardware.description.commands[command.name]?.unit ?? '')
    const storages = new Set(storagesOf(command))
    const fits = [...storages].every((storage) => giveAddress(storage, placement, timeline.freeAt(unit)))
    const done = fits ? placeCommand(command, (storage) => addresses.get(storage)!, hardware) : undefined
    const finish = done === undefined ? 0 : timeline.add(done)
    if (done === undefined || timeline.end > deadline) {
      placement.pads = before.pads
      timeline.truncate(before.length)
      return undefined
    }
    placed.push(done)
    for (const storage of storages)
      if (lastUse.get(storage) === index && !staying.has(storage))
        placement.pads = release(placement.pads, storage, finish)
  }
  return placed
}

/** False when there is no room. Storages in RAM get addresses far apart: the arena planner settles the real ones. */
function giveAddress(storage: Storage, placement: Placement, now: number): boolean {
  const { addresses } = placement
  if (addresses.has(storage) && (storage.memory === RAM || isAlive(storage, placement.pads))) return true
  if (storage.memory === RAM) {
    const next = (addresses.size + 1) * 2 ** 32
    addresses.set(storage, next)
    return true
  }
  const found = allocate(placement.pads, storage, now)
  if (found === undefined) return false
  placement.pads = found.state
  addresses.set(storage, found.address)
  return true
}

const isAlive = (storage: Storage, pads: ScratchpadState) =>
  pads.get(storage.memory)!.some(({ owner }) => owner === storage)
