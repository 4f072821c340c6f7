/** `sim infer` as a library call: build, run, check, report. */
import type { NpyArray } from '../../compiler/io/npy.ts'
import { samplesOf } from '../../compiler/io/npy.ts'
import { dtypeOf, type TensorData } from '../../compiler/ir/dtype.ts'
import { type TensorId, tensorOf } from '../../compiler/ir/graph.ts'
import { ReferenceInterpreter } from '../../compiler/reference/evaluate-graph.ts'
import { UserError } from '../diagnostic.ts'
import { findLayerDifference, type LayerDifference } from './find-layer-difference.ts'
import { InferenceFailure, orFailure } from './inference-failure.ts'
import {
  type Inference,
  type InferenceSession,
  type LayerReport,
  openSession,
  type SessionOptions,
} from './open-session.ts'

/** An array and what messages call it. */
export interface NamedArray {
  readonly name: string
  readonly array: NpyArray
}

export interface InferOptions extends Omit<SessionOptions, 'keepAll'> {
  /** One array for each input of the model, with samples along the first axis. */
  readonly inputs: readonly NamedArray[]
  /** One array for each output; without any, the reference interpreter says what is right. */
  readonly expected: readonly NamedArray[]
  /** Runs only so many samples. */
  readonly samples?: number
  /** Keeps every layer's result, and looks for the first that differs from the reference. */
  readonly debugLayers?: boolean
}

export interface InferReport {
  readonly samples: number
  /** What outputs were compared with. */
  readonly checkedAgainst: 'expected' | 'reference'
  readonly match: boolean
  /** Output elements that differ, over all samples. */
  readonly mismatches: number
  readonly maxAbsDiff: number
  /** One inference, from input ready to output ready: the median over the samples. */
  readonly cycles: number
  readonly instructions: number
  readonly memory: {
    readonly arenaBytes: number
    readonly arenaLowerBoundBytes: number
    /** Weights, parameters, tables and commands. */
    readonly readOnlyBytes: number
    /** Deepest use of the stack. */
    readonly stackBytes: number
  }
  /** Of the sample with the median cycles. */
  readonly layers: readonly LayerReport[]
  /** With `faults`: those that have happened, a sentence each. */
  readonly injected?: readonly string[]
  /** With `debugLayers`: the first layer that differs, if one does. */
  readonly firstDifference?: LayerDifference
}

export interface InferResult {
  readonly report: InferReport
  /** Positions of the injected faults that have happened in no sample. */
  readonly idleFaults: readonly number[]
  /** One array for each output of the model, samples along the first axis. */
  readonly outputs: readonly NpyArray[]
  /** The sample that took the median of the cycles: its inputs. */
  readonly typical: readonly TensorData[]
}

/**
 * @throws UserError when model, arrays, SoC or toolchain do not fit together
 * @throws InferenceFailure when the firmware does not come to its end
 */
export async function inferModel(model: Uint8Array, name: string, options: InferOptions): Promise<InferResult> {
  const { debugLayers = false } = options
  const session = await openSession(model, name, { ...options, keepAll: debugLayers })
  const { graph } = session.model
  const inputs = samplesFor(session, graph.inputs, options.inputs, 'input')
  const reference = new ReferenceInterpreter(graph)
  const expected =
    options.expected.length > 0
      ? samplesFor(session, graph.outputs, options.expected, 'output')
      : inputs.map((sample) => reference.run(sample))
  const count = sampleCount(name, inputs.length, expected.length, options.samples)
  const runs: Inference[] = []
  let firstDifference: LayerDifference | undefined
  for (const sample of inputs.slice(0, count)) {
    const run = runNext(session, sample, runs)
    if (debugLayers) firstDifference ??= findLayerDifference(session.model, run, reference, sample, runs.length)
    runs.push(run)
  }
  return {
    report: {
      ...summarise(session, runs, expected),
      checkedAgainst: options.expected.length > 0 ? 'expected' : 'reference',
      ...(options.faults && { injected: faultsOf(runs).injected }),
      ...(firstDifference && { firstDifference }),
    },
    idleFaults: faultsOf(runs).idleFaults,
    outputs: graph.outputs.map((id, i) =>
      joinSamples(
        tensorOf(graph, id).shape,
        runs.map(({ outputs }) => outputs[i]!),
      ),
    ),
    typical: inputs[runs.indexOf(medianOf(runs))]!,
  }
}

/** @throws InferenceFailure that names the sample, and the faults of those before it, too */
function runNext(session: InferenceSession, inputs: readonly TensorData[], before: readonly Inference[]): Inference {
  const outcome = orFailure(() => session.run(inputs))
  if (!(outcome instanceof InferenceFailure)) return outcome
  const { message, hint, place, run } = outcome
  const at = nameOf(before.length)
  throw new InferenceFailure(message, hint, { ...place, at }, { ...run, ...faultsOf([...before, run]) })
}

/** What messages call a sample. */
const nameOf = (sample: number) => `sample ${sample}`

/** What has happened of the injected faults in all of these runs. */
function faultsOf(runs: readonly Pick<Inference, 'injected' | 'idleFaults'>[]) {
  return {
    injected: runs.flatMap(({ injected }, i) => injected.map((text) => `${nameOf(i)}, ${text}`)),
    idleFaults: (runs[0]?.idleFaults ?? []).filter((one) => runs.every(({ idleFaults }) => idleFaults.includes(one))),
  }
}

/** One list of arrays, one for each tensor, for every sample. */
function samplesFor(
  { model: { graph } }: InferenceSession,
  ids: readonly TensorId[],
  arrays: readonly NamedArray[],
  what: 'input' | 'output',
): TensorData[][] {
  if (arrays.length !== ids.length) {
    const message = `the model has ${ids.length} ${what}${ids.length === 1 ? '' : 's'}, ${arrays.length} are given`
    throw new UserError(`${what}-count`, message, `give one .npy file for each ${what}`, { file: graph.name })
  }
  const columns = arrays.map(({ array, name }, i) => samplesOf(array, tensorOf(graph, ids[i]!), name))
  const counts = columns.map(({ length }) => length)
  if (new Set(counts).size > 1) {
    const message = `the ${what}s hold ${counts.join(', ')} samples`
    throw new UserError('sample-count', message, 'give the same number for each', { file: graph.name })
  }
  return columns[0]!.map((_, sample) => columns.map((column) => column[sample]!))
}

function sampleCount(file: string, inputs: number, expected: number, wanted = inputs): number {
  if (wanted <= Math.min(inputs, expected)) return wanted
  const message = `${wanted} samples are asked for, ${inputs} inputs and ${expected} expected outputs are there`
  throw new UserError('sample-count', message, 'ask for fewer samples', { file })
}

function summarise(
  session: InferenceSession,
  runs: readonly Inference[],
  expected: readonly (readonly TensorData[])[],
) {
  const differences = runs.flatMap(({ outputs }, sample) =>
    outputs.flatMap((output, i) => differencesOf(output, expected[sample]![i]!)),
  )
  const median = medianOf(runs)
  const { memory, readOnlyBytes } = session.model
  return {
    samples: runs.length,
    match: differences.length === 0,
    mismatches: differences.length,
    maxAbsDiff: differences.reduce((most, difference) => Math.max(most, difference), 0),
    cycles: median.cycles,
    instructions: median.instructions,
    memory: {
      arenaBytes: memory.arena.bytes,
      arenaLowerBoundBytes: memory.arena.lowerBoundBytes,
      readOnlyBytes,
      stackBytes: Math.max(...runs.map(({ stackBytes }) => stackBytes)),
    },
    layers: session.report(median.layerCycles),
  }
}

/** The run with the median of the cycles. */
function medianOf(runs: readonly Inference[]): Inference {
  const byCycles = [...runs].sort((a, b) => a.cycles - b.cycles)
  return byCycles[(byCycles.length - 1) >> 1]!
}

/** Absolute differences of the elements that differ. */
function differencesOf(a: TensorData, b: TensorData): number[] {
  return [...a.keys()].map((i) => Math.abs(Number(a[i]) - Number(b[i]))).filter((difference) => difference !== 0)
}

/** Samples behind one another; a first dimension of 1 is their axis. */
function joinSamples(shape: readonly number[], samples: readonly TensorData[]): NpyArray {
  const [first] = samples
  const size = first!.length
  const data = new (first!.constructor as new (count: number) => TensorData)(size * samples.length)
  for (const [i, sample] of samples.entries()) (data as Int8Array).set(sample as Int8Array, i * size)
  if (dtypeOf(data) !== dtypeOf(first!)) throw new TypeError('samples of one tensor differ in type')
  return { shape: [samples.length, ...(shape[0] === 1 ? shape.slice(1) : shape)], data }
}
