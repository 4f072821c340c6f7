import type { Layer } from '../target/partition.ts'
import type { Hardware, Target } from '../target/target.ts'
import { Dependencies } from './dependencies.ts'
import { conflict, type Footprint, footprintOf } from './overlap.ts'
import { type AddressOf, type Command, type FieldValue, type Location, RAM, type Storage } from './program.ts'
import type { Schedule } from './schedule.ts'
import { type PlacedCommand, placeCommand } from './timeline.ts'
import { findTokenFault } from './verify-tokens.ts'

/** A command of the final stream: scratchpad addresses are numbers, places in RAM are left to the linker. */
export interface StreamCommand extends Command {
  /** Units to take a token from, and to give one to, one bit each. */
  readonly wait: number
  readonly signal: number
  /** What it may touch in scratchpads. */
  readonly buffers: readonly PlacedBuffer[]
}

/** A storage in a scratchpad with its address there. */
interface PlacedBuffer {
  readonly storage: Storage
  readonly address: number
}

/** What the controller does, in order. */
export type Step =
  /** Lets the accelerator run up to but without command `end` of the stream and waits for fence `sequence`; from layer `first` on. */
  | { readonly kind: 'accelerator'; readonly first: number; readonly end: number; readonly sequence: number }
  /** Calls the kernel of a layer. */
  | { readonly kind: 'cpu'; readonly layer: number }

export interface Stream {
  readonly commands: readonly StreamCommand[]
  readonly steps: readonly Step[]
}

export interface StreamTask {
  readonly schedule: Schedule
  readonly layers: readonly Layer[]
  readonly target: Target
  readonly hardware: Hardware
  /** Where activations lie in the arena. */
  readonly offsetOf: ReadonlyMap<Storage, number>
  /** Where a layer's fence writes when the layer finished. */
  readonly timestampOf: (layer: number) => Location
}

/** Stand-ins for addresses that the linker gives: the arena in one place, everything else apart from it. */
const ARENA_BASE = 2 ** 40
const OTHER_BASE = 2 ** 41

/**
 * The whole network as one stream of commands with tokens:
 *
 * 1. A fence behind every layer writes down when the layer finished. Where the controller has to go on,
 *    before a layer of the CPU and at the end, the fence also interrupts.
 * 2. What a command has to wait for follows from the bytes that commands touch, in the scratchpads and,
 *    now that the arena is planned, in RAM. Across an interrupting fence the controller has waited.
 * 3. The result is proven by a checker that shares nothing with step 2.
 */
export function buildStream(task: StreamTask): Stream {
  const { commands, steps } = withFences(task)
  const addressOf = standIns(task.offsetOf)
  const placed = commands.map((command) => {
    const found = placeCommand(command, addressOf, task.hardware)
    if (found === undefined) throw new Error(`the accelerator would refuse ${command.name} (${command.note})`)
    return found
  })
  const barriers = new Set(steps.flatMap((step) => (step.kind === 'accelerator' ? [step.end] : [])))
  const units = task.hardware.description.units.length
  const tokens = tokensOf(placed, barriers, units)
  prove(placed, tokens, barriers, units)
  return { commands: commands.map((command, index) => ({ ...command, ...tokens[index]! })), steps }
}

/** Addresses for storages in RAM, as if the arena were linked to `ARENA_BASE`. */
function standIns(offsetOf: ReadonlyMap<Storage, number>): AddressOf {
  const others = new Map<Storage, number>()
  return (storage) => {
    const offset = offsetOf.get(storage)
    if (offset !== undefined) return ARENA_BASE + offset
    if (!others.has(storage)) others.set(storage, OTHER_BASE + others.size * 2 ** 32)
    return others.get(storage)!
  }
}

/** What the command that writes a byte of a tensor in RAM is about: its tile; undefined when none writes it. */
export function writerOf(
  { commands }: Stream,
  hardware: Hardware,
  offsetOf: ReadonlyMap<Storage, number>,
  storage: Storage,
  byte: number,
): string | undefined {
  const addressOf = standIns(offsetOf)
  const start = addressOf(storage) + byte
  const probe = footprintOf([{ memory: RAM, access: 'read', start, bytes: 1 }])
  const writer = commands.find((command) => {
    const placed = placeCommand(command, addressOf, hardware)
    return placed !== undefined && placed.unit >= 0 && conflict(placed.footprint, probe)
  })
  return writer?.note
}

/** Every layer's commands with a fence behind them, and when the controller waits. */
function withFences({ schedule, layers, target, timestampOf }: StreamTask): {
  commands: SettledCommand[]
  steps: Step[]
} {
  const commands: SettledCommand[] = []
  const steps: Step[] = []
  const scheduled = new Map(schedule.layers.map((one) => [one.layer.index, one]))
  let first: number | undefined
  const active = layers.filter(({ on }) => on !== 'none')
  for (const [position, layer] of active.entries()) {
    const one = scheduled.get(layer.index)
    if (one === undefined) {
      steps.push({ kind: 'cpu', layer: layer.index })
      continue
    }
    const interrupt = active[position + 1]?.on !== 'accelerator'
    const sequence = layer.index + 1
    const fence = target.fence({ sequence, interrupt, timestamp: timestampOf(layer.index) })
    commands.push(...one.commands.map(settle), { ...fence, layer: layer.index, note: 'layer done', buffers: [] })
    first ??= layer.index
    if (!interrupt) continue
    steps.push({ kind: 'accelerator', first, end: commands.length, sequence })
    first = undefined
  }
  return { commands, steps }
}

/** A command of which only places in RAM have no address yet. */
type SettledCommand = Omit<StreamCommand, 'wait' | 'signal'>

/** The command with its scratchpad addresses as numbers. */
function settle({ command, fields }: PlacedCommand): SettledCommand {
  const settled: Record<string, FieldValue> = {}
  const buffers: PlacedBuffer[] = []
  for (const [name, given] of Object.entries(command.fields)) {
    const inScratchpad = typeof given !== 'number' && given.storage.memory !== RAM
    settled[name] = inScratchpad ? fields[name]! : given
    if (inScratchpad) buffers.push({ storage: given.storage, address: fields[name]! - given.offset })
  }
  return { ...command, fields: settled, buffers }
}

interface Tokens {
  wait: number
  signal: number
}

function tokensOf(placed: readonly PlacedCommand[], barriers: ReadonlySet<number>, units: number): Tokens[] {
  const tokens = placed.map((): Tokens => ({ wait: 0, signal: 0 }))
  const dependencies = new Dependencies(units)
  const indices: number[] = []
  for (const [index, { unit, footprint }] of placed.entries()) {
    if (barriers.has(index)) dependencies.barrier()
    if (unit < 0) continue
    for (const dependency of dependencies.add(unit, footprint)) {
      tokens[index]!.wait |= 1 << dependency.unit
      tokens[indices[dependency.command]!]!.signal |= 1 << unit
    }
    indices.push(index)
  }
  return tokens
}

/** @throws Error, a mistake of ours, when two commands that touch the same bytes could run in either order */
function prove(
  placed: readonly PlacedCommand[],
  tokens: readonly Tokens[],
  barriers: ReadonlySet<number>,
  units: number,
) {
  const program: {
    unit: number
    footprint: Footprint
    wait: number
    signal: number
    barrier: boolean
    index: number
  }[] = []
  let barrier = false
  for (const [index, { unit, footprint }] of placed.entries()) {
    barrier ||= barriers.has(index)
    if (unit < 0) continue
    program.push({ unit, footprint, ...tokens[index]!, barrier, index })
    barrier = false
  }
  const fault = findTokenFault(program, units)
  if (fault === undefined) return
  const say = (at: number) => (at < 0 ? 'none' : `${program[at]!.index} (${placed[program[at]!.index]!.command.name})`)
  throw new Error(`commands ${say(fault.earlier)} and ${say(fault.later)}: ${fault.message}`)
}
