import type { ByteBuffer } from 'flatbuffers'
import type { Tensor } from '../../ir/graph.ts'
import type { OperatorAttributes, OperatorKind } from '../../ir/operators.ts'

/** A generated table class of the schema. */
export interface OptionsTable {
  __init(position: number, buffer: ByteBuffer): unknown
}

/** One operator of a TFLite file, as the operator definitions see it. Every method may throw OperatorMismatch. */
export interface TfliteNode {
  /** Name of the operator, e.g. `CONV_2D`. */
  readonly op: string
  /** The input, or a refusal that names what is missing. */
  input(index: number, role: string): Tensor
  output(index: number, role: string): Tensor
  /** The built-in options, all defaults when the file has none. */
  options<T extends OptionsTable>(table: new () => T): T
  /** The elements of a constant integer input (a shape, axes, paddings). */
  integers(index: number, role: string): readonly number[]
}

/** What an operator of the file becomes. */
export interface TfliteImport<K extends OperatorKind> {
  readonly attributes: Readonly<OperatorAttributes[K]>
  /** Which of the file's inputs stay tensors, in the canonical order; all of them when absent. */
  readonly inputs?: readonly number[]
}
