import { elementCount } from '../ir/graph.ts'
import type { OperatorKind } from '../ir/operators.ts'
import { ensureShape } from './constraints.ts'
import type { OperatorDefinition, OperatorView } from './operator.ts'

type Byte = readonly [Int8Array | Uint8Array]

/** Parameters of lookup_s8: out[i] = table[128 + in[i]] for every byte, read as int8. */
interface LookupParameters {
  readonly size: number
  readonly table: Int8Array
}

export type LookupDefinition<K extends OperatorKind> = OperatorDefinition<K, LookupParameters, Byte, Byte>

interface LookupRow<K extends OperatorKind> extends Pick<LookupDefinition<K>, 'kind' | 'tflite'> {
  /** Types and quantisation; the shapes are held to be equal already. @throws OperatorMismatch */
  check(op: OperatorView<K, Byte, Byte>): void
  /** The function of one value, each in the integers of its tensor. @throws OperatorMismatch */
  value(op: OperatorView<K, Byte, Byte>): (q: number) => number
}

/** An operator that computes each element from one element: 256 results, computed once by the reference arithmetic. */
export function lookup<K extends OperatorKind>(row: LookupRow<K>): LookupDefinition<K> {
  return {
    kind: row.kind,
    inputs: [1, 1],
    outputs: [1, 1],
    tflite: row.tflite,
    check(op) {
      ensureShape(op.outputs[0], op.inputs[0].shape, 'output')
      row.check(op)
    },
    parameters(op) {
      const value = row.value(op)
      const unsigned = op.inputs[0].dtype === 'uint8'
      const table = Int8Array.from({ length: 256 }, (_, i) => value(unsigned ? (i + 128) & 0xff : i - 128))
      return { size: elementCount(op.inputs[0].shape), table }
    },
    evaluate({ table }, [input], [out]) {
      // Adding 128 modulo 256 is the index for either signedness of the byte.
      for (let i = 0; i < out.length; i++) out[i] = table[(input[i]! + 128) & 0xff]!
    },
  }
}
