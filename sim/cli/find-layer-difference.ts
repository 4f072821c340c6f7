import type { CompiledModel } from '../../compiler/compile.ts'
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { type TensorId, tensorOf } from '../../compiler/ir/graph.ts'
import type { ReferenceInterpreter } from '../../compiler/reference/evaluate-graph.ts'
import { writerOf } from '../../compiler/schedule/stream.ts'
import type { Inference } from './open-session.ts'

/** Where simulated memory first differs from the reference interpreter, in the order of the layers. */
export interface LayerDifference {
  readonly sample: number
  /** Index of the operator in the model file, and its name there. */
  readonly index: number
  readonly op: string
  readonly target: string
  /** Name of the tensor, and position of the first element that differs. */
  readonly tensor: string
  readonly element: readonly number[]
  readonly expected: number
  readonly actual: number
  /** Elements of the tensor that differ. */
  readonly mismatches: number
  /** The part of the layer that the command which wrote the element computed; absent on the CPU. */
  readonly tile?: string
}

/** Compares every operator's output in the simulated memory with the reference; undefined when all are equal. */
export function findLayerDifference(
  model: CompiledModel,
  run: Inference,
  reference: ReferenceInterpreter,
  inputs: readonly TensorData[],
  sample: number,
): LayerDifference | undefined {
  let found: LayerDifference | undefined
  reference.run(inputs, (operator, outputs) => {
    if (found !== undefined) return
    for (const [position, id] of operator.outputs.entries()) {
      const actual = run.tensor(id)
      const wanted = outputs[position]!
      const wrong = actual === undefined ? [] : [...actual.keys()].filter((i) => actual[i] !== wanted[i])
      const [first] = wrong
      if (actual === undefined || first === undefined) continue
      const { name, shape } = tensorOf(model.graph, id)
      const layer = model.layers.find(({ operators }) => operators.includes(operator))!
      const tile = tileOf(model, id, first * actual.BYTES_PER_ELEMENT)
      found = {
        sample,
        index: operator.origin.index,
        op: operator.origin.op,
        target: layer.on === 'accelerator' ? model.target!.description.name : 'cpu',
        tensor: name,
        element: indexIn(shape, first),
        expected: Number(wanted[first]),
        actual: Number(actual[first]),
        mismatches: wrong.length,
        ...(tile === undefined ? {} : { tile }),
      }
      return
    }
  })
  return found
}

/** The tile whose command wrote a byte of a tensor. */
function tileOf({ accelerator, memory, roots }: CompiledModel, id: TensorId, byte: number): string | undefined {
  const storage = memory.storages.find(({ tensor }) => tensor === roots[id])
  if (accelerator === undefined || storage === undefined) return undefined
  return writerOf(accelerator.stream, accelerator.hardware, memory.offsetOf, storage, byte)
}

/** Position of a flat index in a row-major tensor. */
function indexIn(shape: readonly number[], flat: number): number[] {
  const index: number[] = []
  let rest = flat
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return index
}
