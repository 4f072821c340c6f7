/** A model's firmware on the simulated SoC: compiled and built once, then run sample by sample. */

import { buildModel } from '../../compiler/build-model.ts'
import { PROFILE_ENTRY, symbols } from '../../compiler/codegen/model-source.ts'
import { type CompiledModel, compileModel } from '../../compiler/compile.ts'
import { allocate, type DType, dtypes, type TensorData } from '../../compiler/ir/dtype.ts'
import { elementCount, type Tensor, type TensorId, tensorOf } from '../../compiler/ir/graph.ts'
import { operatorMacs } from '../../compiler/ops/index.ts'
import { operatorNames, outputsOf } from '../../compiler/target/partition.ts'
import type { Target } from '../../compiler/target/target.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import { modelFactory } from '../accel/attach.ts'
import type { ElfImage } from '../elf/image.ts'
import { loadElf } from '../elf/load.ts'
import { type Engine, Machine, type MachineOptions } from '../machine.ts'
import type { Probe } from '../probe/probe.ts'
import type { RunLimits, RunResult } from '../run-result.ts'
import type { SocDescription } from '../soc/description.ts'
import { InferenceFailure } from './inference-failure.ts'

/** Region of interest that the firmware marks: one inference. */
const INFERENCE = 1
/** What unused stack is filled with. */
const STACK_PAINT = 0xa5

export interface SessionOptions {
  readonly soc: SocDescription
  /** What the compiler knows of the SoC's accelerator; without it, the CPU does everything. */
  readonly target?: Target
  /** Timing model of the hart instead of the SoC's. */
  readonly cpu?: string
  /** How code and commands are run; the result is the same. */
  readonly engine?: Engine
  readonly toolchain: Toolchain
  /** Keeps every layer's result in RAM of its own, at the price of more transfers. */
  readonly keepAll?: boolean
  /** A run is given up after so many cycles; no limit when absent. */
  readonly maxCycles?: number
  /** What goes wrong in every run. */
  readonly faults?: MachineOptions['faults']
  /** Who follows the runs; gets the firmware first, because what it is told may depend on that. */
  readonly probes?: (image: ElfImage, model: CompiledModel, machine: () => Machine) => readonly Probe[]
}

/** One layer of a report. `cycles` last from the end of the layer before, so that they add up. */
export interface LayerReport {
  readonly index: number
  readonly name: string
  readonly op: string
  /** Name of the accelerator, or `cpu`. */
  readonly target: string
  readonly macs: number
  readonly cycles: number
}

/** From the end of the layer before, or from when the controller began with it, to its end. */
interface LayerTime {
  readonly from: number
  readonly until: number
}

/** What came of one sample. */
export interface Inference {
  readonly outputs: readonly TensorData[]
  readonly cycles: number
  readonly instructions: number
  readonly stackBytes: number
  readonly layerCycles: readonly number[]
  /** When every layer ran, in cycles since reset; undefined for those that run nowhere. */
  readonly layerTimes: readonly (LayerTime | undefined)[]
  /** Injected faults that have happened, a sentence each. */
  readonly injected: readonly string[]
  /** Positions of those that have not. */
  readonly idleFaults: readonly number[]
  /** Value of any tensor that lies in RAM of its own (`keepAll`), up to the next run. */
  readonly tensor: (id: TensorId) => TensorData | undefined
}

/** A model's firmware, ready to run. */
export interface InferenceSession {
  readonly model: CompiledModel
  readonly image: ElfImage
  /** Runs one sample from reset. @throws InferenceFailure when the firmware does not come to its end */
  run(inputs: readonly TensorData[]): Inference
  /** The layers with these cycles. */
  report(cycles: readonly number[]): readonly LayerReport[]
}

/**
 * Compiles and builds a model for a SoC.
 * @param name what messages and reports call the model
 * @throws UserError for everything that is wrong with model, SoC or toolchain
 */
export async function openSession(bytes: Uint8Array, name: string, options: SessionOptions): Promise<InferenceSession> {
  const { soc, target, cpu, engine = 'auto', toolchain, keepAll = false, maxCycles, probes, faults } = options
  const model = compileModel(bytes, name, { soc, keepAll, ...(target && { target }) })
  const image = await loadElf(await buildModel(model, toolchain), name)
  const effects = engine === 'interpreter' ? 'reference' : 'fast'
  const diagnostics: string[] = []
  const followers: readonly Probe[] | undefined = probes?.(image, model, () => machine)
  const create = () =>
    new Machine(model.soc, {
      engine,
      accelerators: target ? { [target.description.name]: modelFactory(target.description, effects) } : {},
      diagnostic: (message) => diagnostics.push(message),
      ...(cpu === undefined ? {} : { cpu }),
      ...(faults && { faults }),
      ...(followers && { probes: followers }),
    })
  const stack = { from: image.symbols.get('__stack_bottom')!.address, to: image.symbols.get('__stack_top')!.address }
  const prepare = (made: Machine) => {
    made.load(image)
    made.writeMemory(stack.from, new Uint8Array(stack.to - stack.from).fill(STACK_PAINT))
    return made
  }
  let machine = prepare(create())
  // A machine with faults cannot be saved.
  const ready = faults === undefined ? machine.save() : undefined
  return {
    model,
    image,
    run(inputs) {
      // One machine for all samples: what it has decoded and translated of the firmware stays.
      if (ready !== undefined) machine.restore(ready)
      else {
        for (const probe of followers ?? []) probe.restored?.(0)
        machine = prepare(create())
      }
      diagnostics.length = 0
      return runOnce(model, machine, stack, inputs, {
        limits: maxCycles === undefined ? {} : { maxCycles },
        diagnostics,
      })
    },
    report: (cycles) => layerReports(model, cycles),
  }
}

function runOnce(
  model: CompiledModel,
  machine: Machine,
  stack: { readonly from: number; readonly to: number },
  inputs: readonly TensorData[],
  { limits, diagnostics }: { readonly limits: RunLimits; readonly diagnostics: readonly string[] },
): Inference {
  const address = (symbol: string) => machine.symbols.get(symbol)!.address
  const { graph, roots, memory } = model
  const offsets = new Map(memory.storages.map(({ tensor }, i) => [tensor!, memory.arena.offsets[i]!]))
  const place = (id: TensorId) => address(symbols.arena) + offsets.get(roots[id]!)!
  for (const [i, id] of graph.inputs.entries()) machine.writeMemory(place(id), bytesOf(inputs[i]!))

  const result = machine.run(limits)
  const region = result.regions.find(({ id }) => id === INFERENCE)
  const faults = { injected: [...machine.injectedFaults], idleFaults: [...machine.idleFaults] }
  if (result.reason !== 'exit' || result.exitCode !== 0 || region === undefined) {
    const why = [result.explanation ?? `exit code ${result.exitCode}`, result.console.trim(), ...diagnostics]
    const message = `the inference did not come to its end: ${why.filter((text) => text !== '').join('; ')}`
    throw new InferenceFailure(message, wayOut(result, machine), { file: graph.name }, { inputs, result, ...faults })
  }
  const stackContent = machine.readMemory(stack.from, stack.to - stack.from)
  const tensor = (id: TensorId) => {
    const known = offsets.has(roots[id]!)
    return known ? readTensor(machine, place(id), tensorOf(graph, id)) : undefined
  }
  const times = layerTimes(model, (symbol, bytes) => new DataView(machine.readMemory(address(symbol), bytes).buffer))
  return {
    outputs: graph.outputs.map((id) => tensor(id)!),
    cycles: region.cycles,
    instructions: region.instructions,
    stackBytes: stackContent.length - paintedBytes(stackContent),
    layerCycles: times.map((time) => (time === undefined ? 0 : time.until - time.from)),
    layerTimes: times,
    ...faults,
    tensor,
  }
}

function wayOut({ reason }: RunResult, { injectedFaults }: Machine): string {
  if (injectedFaults.length > 0) return 'the injected faults did that'
  return reason === 'limit'
    ? 'give it more with --max-cycles, or see with --trace what it does'
    : 'report it with the model'
}

/** How many bytes at the lower end of the stack nobody has used. */
function paintedBytes(stack: Uint8Array): number {
  let painted = 0
  while (stack[painted] === STACK_PAINT) painted++
  return painted
}

/** Bytes of a typed array. */
function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function readTensor(machine: Machine, address: number, { dtype, shape }: Tensor): TensorData {
  const data = allocate(dtype as DType, elementCount(shape))
  bytesOf(data).set(machine.readMemory(address, data.length * dtypes[dtype].bytes))
  return data
}

/**
 * When every layer ran. What is left of the whole is the controller between layers. Layers that run nowhere take no
 * time.
 */
function layerTimes({ layers }: CompiledModel, read: (symbol: string, bytes: number) => DataView) {
  const times = read(symbols.profile, PROFILE_ENTRY.bytes * layers.length)
  let before = 0
  return layers.map(({ on, index }) => {
    if (on === 'none') return undefined
    const [start, until] = [0, PROFILE_ENTRY.end].map((offset) =>
      Number(times.getBigUint64(PROFILE_ENTRY.bytes * index + offset, true)),
    ) as [number, number]
    const from = Math.max(before, start)
    before = until
    return { from, until }
  })
}

function layerReports({ graph, layers, target }: CompiledModel, cycles: readonly number[]): LayerReport[] {
  return layers.map((layer, position) => ({
    index: layer.operators[0]!.origin.index,
    name: tensorOf(graph, outputsOf(layer)[0]!).name,
    op: operatorNames(layer),
    target: layer.on === 'accelerator' ? target!.description.name : 'cpu',
    macs: layer.operators.reduce((sum, operator) => sum + operatorMacs(graph, operator), 0),
    cycles: cycles[position]!,
  }))
}
