import { elementCount, type Tensor } from '../ir/graph.ts'
import { ensureInt8, ensureSameQuantisation, ensureShape } from './constraints.ts'
import { ensure } from './operator.ts'

/** A whole of [outer][sum of sizes] elements and its parts, part i of [outer][sizes[i]]. */
export interface Parts {
  readonly outer: number
  readonly sizes: readonly number[]
}

/** The part's extent along `axis`, 1 when it lacks that dimension. */
function extent(part: Tensor, whole: Tensor, axis: number): number {
  return part.shape.length < whole.shape.length ? 1 : part.shape[axis]!
}

/** Holds parts to what fills the whole along `axis`. @throws OperatorMismatch */
export function checkParts(
  whole: Tensor,
  parts: readonly Tensor[],
  axis: number,
  roles: readonly [string, string],
): void {
  const [wholeRole, partRole] = roles
  ensureInt8(whole, wholeRole)
  ensure(axis < whole.shape.length, `its axis ${axis} is not one of ${whole.shape.length} dimensions`)
  for (const [i, part] of parts.entries()) {
    const role = `${partRole} ${i}`
    ensureInt8(part, role)
    ensureSameQuantisation(part, whole, `${role} and ${wholeRole}`)
    const lacks = part.shape.length === whole.shape.length - 1
    ensure(lacks || part.shape.length === whole.shape.length, `its ${role} has ${part.shape.length} dimensions`)
    const shape = whole.shape.map((size, d) => (d === axis ? extent(part, whole, axis) : size))
    ensureShape(part, lacks ? shape.toSpliced(axis, 1) : shape, role)
  }
  const total = parts.reduce((sum, part) => sum + extent(part, whole, axis), 0)
  ensure(total === whole.shape[axis], `its ${partRole}s add up to ${total} of ${whole.shape[axis]} along axis ${axis}`)
}

/** The blocks of parts along `axis`. */
export function partsOf(whole: Tensor, parts: readonly Tensor[], axis: number): Parts {
  const outer = elementCount(whole.shape.slice(0, axis))
  return { outer, sizes: parts.map((part) => elementCount(part.shape) / outer) }
}
