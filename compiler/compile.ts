/**
 * The compiler from a model's bytes to the C of its firmware, as a straight line:
 *
 *   import -> simplify -> partition -> schedule -> plan memory -> tokens -> emit C
 *
 * Every stage can be printed. `build-model.ts` turns the C into an ELF file.
 */
import { resolveParameters } from '../sim/accel/resolve-parameters.ts'
import { UserError } from '../sim/diagnostic.ts'
import { findBlock, type SocDescription } from '../sim/soc/description.ts'
import { BINARY_FILE, type ModelPlan, modelSource, PROFILE_ENTRY, profile } from './codegen/model-source.ts'
import { importTflite } from './import/tflite/import-tflite.ts'
import { printGraph } from './ir/print-graph.ts'
import { simplifyGraph } from './passes/simplify-graph.ts'
import { printArena } from './schedule/plan-arena.ts'
import { planMemory } from './schedule/plan-memory.ts'
import { printCommands, printLayers, printSchedule } from './schedule/print-schedule.ts'
import { type Schedule, scheduleLayers } from './schedule/schedule.ts'
import { buildStream } from './schedule/stream.ts'
import { storageRoots } from './target/aliases.ts'
import { partition } from './target/partition.ts'
import type { Hardware, Target } from './target/target.ts'

/** Stages whose result can be printed, in order. */
export const stages = ['graph', 'partition', 'schedule', 'memory', 'commands', 'c'] as const
export type Stage = (typeof stages)[number]

export interface CompileOptions {
  readonly soc: SocDescription
  /** The SoC's accelerator; without one, the CPU does everything. */
  readonly target?: Target
  /** Keeps every result in RAM of its own, so that all can be looked at after the run. */
  readonly keepAll?: boolean
  /** Gets what a stage made, as text. Texts are only made for stages that this asks for. */
  readonly print?: { readonly stage: Stage; readonly to: (text: string) => void }
}

/** A model ready to be built: its plan, and the files of its C. */
export interface CompiledModel extends ModelPlan {
  readonly soc: SocDescription
  readonly target: Target | undefined
  readonly schedule: Schedule | undefined
  readonly files: ReadonlyMap<string, string | Uint8Array>
  /** Weights, parameters, tables, commands. */
  readonly readOnlyBytes: number
}

/** Tensors in RAM start at multiples of a word of the widest transfer that is common. */
const ARENA_ALIGNMENT = 16

/**
 * @param name what messages, reports and the firmware call the model: usually its file
 * @throws UserError when the model cannot be compiled for this SoC: what, where and why
 */
export function compileModel(bytes: Uint8Array, name: string, options: CompileOptions): CompiledModel {
  const { soc, target, keepAll = false } = options
  const show = (stage: Stage, text: () => string) => {
    if (options.print?.stage === stage) options.print.to(text())
  }
  const graph = simplifyGraph(importTflite(bytes, name))
  show('graph', () => printGraph(graph))

  const block = findBlock(soc, 'accelerator')?.name ?? ''
  const hardware = target && hardwareOf(target, soc)
  const layers = partition(graph, target, hardware)
  show('partition', () => printLayers(layers))

  const roots = storageRoots(graph, layers)
  const schedule = target && hardware && scheduleLayers({ layers, roots, target, hardware, keepAll })
  if (schedule) show('schedule', () => printSchedule(schedule))

  const tensors = schedule?.tensors ?? new Map()
  const memory = planMemory({ graph, layers, roots, tensors, alignment: ARENA_ALIGNMENT, keepAll })
  show('memory', () => `${printArena(memory.blocks, memory.arena)}\n`)

  const timestampOf = (layer: number) => ({ storage: profile, offset: PROFILE_ENTRY.bytes * layer + PROFILE_ENTRY.end })
  const { offsetOf } = memory
  const stream =
    schedule && target && hardware && buildStream({ schedule, layers, target, hardware, offsetOf, timestampOf })
  if (stream && hardware) show('commands', () => printCommands(stream, hardware))

  const predictedCycles = schedule && hardware && layerCycles(schedule, hardware)
  const accelerator = stream && hardware && predictedCycles && { hardware, stream, block, predictedCycles }
  const plan = { graph, layers, roots, memory, ...(accelerator && { accelerator }) }
  const files = modelSource(plan)
  show('c', () => files.get('model.c') as string)

  const commandBytes = (stream?.commands.length ?? 0) * (hardware?.description.frontEnd.bytesPerCommand ?? 0)
  const readOnlyBytes = (files.get(BINARY_FILE) as Uint8Array).length + commandBytes
  checkRam(name, soc, memory.arena.bytes, readOnlyBytes)
  return { ...plan, soc, target, schedule, files, readOnlyBytes }
}

/** The accelerator with the parameters that the SoC gives it. */
function hardwareOf({ description }: Target, soc: SocDescription): Hardware {
  const parameters = resolveParameters(description, findBlock(soc, 'accelerator')?.parameters)
  return { description, parameters, memories: description.memories(parameters) }
}

/** What the schedule says of the layers' times, in cycles of the SoC. */
function layerCycles({ layers }: Schedule, { description, parameters }: Hardware): ReadonlyMap<number, number> {
  const { clockDivider } = description.frontEnd.timing(parameters)
  return new Map(
    layers.map(({ layer, finish }, i) => [layer.index, clockDivider * (finish - (layers[i - 1]?.finish ?? 0))]),
  )
}

function checkRam(file: string, soc: SocDescription, arenaBytes: number, readOnlyBytes: number): void {
  const size = findBlock(soc, 'ram')?.size ?? 0
  if (arenaBytes + readOnlyBytes <= size) return
  throw new UserError(
    'ram-too-small',
    `activations take ${arenaBytes} bytes and read-only data ${readOnlyBytes} bytes, but RAM has ${size}`,
    'give the SoC more RAM or use a smaller model',
    { file },
  )
}
