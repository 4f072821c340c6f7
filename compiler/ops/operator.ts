import type { TfliteImport, TfliteNode } from '../import/tflite/node.ts'
import type { TensorData } from '../ir/dtype.ts'
import type { Tensor } from '../ir/graph.ts'
import type { OperatorAttributes, OperatorKind } from '../ir/operators.ts'

/** The typed arrays that an operator reads or writes, in the order of its tensors; missing inputs are undefined. */
type Buffers = readonly (TensorData | undefined)[]

/** An operator with its tensors looked up. `Inputs` and `Outputs` are tuples of the arrays that the tensors hold. */
export interface OperatorView<
  K extends OperatorKind = OperatorKind,
  Inputs extends Buffers = Buffers,
  Outputs extends Buffers = Buffers,
> {
  readonly kind: K
  readonly attributes: Readonly<OperatorAttributes[K]>
  readonly inputs: { readonly [I in keyof Inputs]: Tensor }
  readonly outputs: { readonly [I in keyof Outputs]: Tensor }
}

/**
 * Everything that the compiler knows about one kind of operator, in one place. The importers, the verifier, the
 * reference interpreter, code generation for the CPU and the accelerator targets all read it.
 */
export interface OperatorDefinition<
  K extends OperatorKind = OperatorKind,
  Parameters = unknown,
  Inputs extends Buffers = Buffers,
  Outputs extends Buffers = Buffers,
> {
  readonly kind: K
  /** Fewest and most inputs. */
  readonly inputs: readonly [number, number]
  /** Fewest and most outputs. */
  readonly outputs: readonly [number, number]
  /** TFLite's names for it, each with how the attributes follow from the file. */
  readonly tflite: Readonly<Record<string, (node: TfliteNode) => TfliteImport<K>>>
  /** True when the output is the input's bytes: the two may share their storage. */
  readonly alias?: true

  /** Holds the tensors to what the operator means and the kernels can do. @throws OperatorMismatch */
  check(op: OperatorView<K, Inputs, Outputs>): void

  /**
   * The plain integers that a kernel computes with, the same for every implementation. Valid after `check`.
   * @throws OperatorMismatch when a number does not fit what kernels can do
   */
  parameters(op: OperatorView<K, Inputs, Outputs>): Parameters

  /** TFLite Micro's reference arithmetic; fills `outputs`. Valid after `check`. */
  evaluate(parameters: Parameters, inputs: Inputs, outputs: Outputs): void

  /** Multiply-accumulate operations of one evaluation; none when absent. */
  macs?(op: OperatorView<K, Inputs, Outputs>): number
}

/** Why an operator cannot be what its tensors and attributes say; half a sentence about "its ...". */
export class OperatorMismatch extends Error {
  override readonly name = 'OperatorMismatch'
}

/** @throws OperatorMismatch with `reason` unless the condition holds */
export function ensure(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new OperatorMismatch(reason)
}
