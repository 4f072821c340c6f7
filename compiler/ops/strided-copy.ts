import { KERNEL_DIMENSIONS } from './broadcast.ts'
import { ensure } from './operator.ts'

/**
 * Parameters of strided_copy_s8: the elements of a box of `shape`, from `inputOffset` and to `outputOffset` on, with
 * the given distances (in elements) between neighbours of each dimension.
 */
export interface StridedCopy {
  readonly shape: readonly number[]
  readonly inputStrides: readonly number[]
  readonly outputStrides: readonly number[]
  readonly inputOffset: number
  readonly outputOffset: number
}

/** Distances between neighbours of each dimension of a dense tensor. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = shape.map(() => 1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!
  return strides
}

/** The copy without dimensions of 1 and with dimensions joined that are walked in one run on both sides. */
export function simplify(copy: StridedCopy): StridedCopy {
  const shape: number[] = []
  const inputStrides: number[] = []
  const outputStrides: number[] = []
  for (const [i, size] of copy.shape.entries()) {
    if (size === 1) continue
    const [input, output] = [copy.inputStrides[i]!, copy.outputStrides[i]!]
    const last = shape.length - 1
    if (last >= 0 && inputStrides[last] === input * size && outputStrides[last] === output * size) {
      shape[last] = shape[last]! * size
      inputStrides[last] = input
      outputStrides[last] = output
    } else {
      shape.push(size)
      inputStrides.push(input)
      outputStrides.push(output)
    }
  }
  if (shape.length === 0) return { ...copy, shape: [1], inputStrides: [1], outputStrides: [1] }
  return { ...copy, shape, inputStrides, outputStrides }
}

/** @throws OperatorMismatch when the kernel has too few loops for the copy */
export function ensureLoops(copy: StridedCopy): StridedCopy {
  const { length } = copy.shape
  ensure(length <= KERNEL_DIMENSIONS, `its data moves along ${length} dimensions, more than ${KERNEL_DIMENSIONS}`)
  return copy
}

/** Carries the copy out. */
export function copyStrided(copy: StridedCopy, input: Int8Array, output: Int8Array): void {
  const { shape, inputStrides, outputStrides } = copy
  const last = shape.length - 1
  const runs = shape.slice(0, last).reduce((product, size) => product * size, 1)
  for (let index = 0; index < runs; index++) {
    let [rest, from, to] = [index, copy.inputOffset, copy.outputOffset]
    for (let dimension = last - 1; dimension >= 0; dimension--) {
      const at = rest % shape[dimension]!
      rest = Math.floor(rest / shape[dimension]!)
      from += at * inputStrides[dimension]!
      to += at * outputStrides[dimension]!
    }
    for (let i = 0; i < shape[last]!; i++)
      output[to + i * outputStrides[last]!] = input[from + i * inputStrides[last]!]!
  }
}
