import type { Tensor } from '../ir/graph.ts'
import { ensure } from './operator.ts'

/** A shape as people read it, e.g. 1x28x28x1. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('x')
}

export function ensureRank(tensor: Tensor, rank: number, role: string): void {
  ensure(tensor.shape.length === rank, `its ${role} has ${tensor.shape.length} dimensions, not ${rank}`)
}

export function ensureShape(tensor: Tensor, shape: readonly number[], role: string): void {
  const same = tensor.shape.length === shape.length && shape.every((size, i) => tensor.shape[i] === size)
  ensure(same, `its ${role} has shape ${formatShape(tensor.shape)}, not ${formatShape(shape)}`)
}

/** An int8 tensor with one scale and zero point: what the kernels take and give. */
export function ensureInt8(tensor: Tensor, role: string): void {
  ensure(tensor.dtype === 'int8', `its ${role} is ${tensor.dtype}, not int8`)
  ensureWholeScale(tensor, role)
}

/** One scale for the whole tensor. */
export function ensureWholeScale(tensor: Tensor, role: string): void {
  const scales = tensor.quantisation?.scales ?? []
  ensure(scales.length > 0, `its ${role} has no quantisation`)
  ensure(scales.length === 1, `its ${role} has a scale per channel, not one for all`)
  ensure(scales[0]! > 0, `its ${role} has scale ${scales[0]}, not a positive number`)
}

export function ensureSameQuantisation(a: Tensor, b: Tensor, roles: string): void {
  const same =
    a.quantisation?.scales[0] === b.quantisation?.scales[0] &&
    a.quantisation?.zeroPoints[0] === b.quantisation?.zeroPoints[0]
  ensure(same, `its ${roles} differ in scale or zero point`)
}

/** `axis` counted from the front, whether it was given from the front or the end. */
export function resolveAxis(axis: number, rank: number): number {
  ensure(Number.isInteger(axis) && axis >= -rank && axis < rank, `its axis ${axis} is not one of ${rank} dimensions`)
  return axis < 0 ? axis + rank : axis
}
