import type { Tensor } from '../ir/graph.ts'
import type { Padding2d, Size2d } from '../ir/operators.ts'
import { ensureShape } from './constraints.ts'
import { ensure } from './operator.ts'

/** Height, width and channels of one image of an NHWC tensor. */
export interface Image extends Size2d {
  readonly channels: number
}

/** How a window moves over an image. */
export interface Window {
  readonly size: Size2d
  readonly stride: Size2d
  readonly dilation: Size2d
  readonly padding: Padding2d
}

/** The image of a tensor of four dimensions. */
export function imageOf(tensor: Tensor): Image {
  const [, height, width, channels] = tensor.shape as [number, number, number, number]
  return { height, width, channels }
}

/** Length that a dilated window covers. */
export function reach(size: number, dilation: number): number {
  return (size - 1) * dilation + 1
}

export function checkSteps(steps: Size2d, role: string): void {
  const { height, width } = steps
  ensure(height >= 1 && width >= 1, `its ${role} is ${height}x${width}, at least 1x1 is needed`)
}

function checkPadding(padding: Padding2d, covered: Size2d): void {
  const { top, bottom, left, right } = padding
  ensure(Math.min(top, bottom, left, right) >= 0, 'its padding is negative')
  const inside = Math.max(top, bottom) < covered.height && Math.max(left, right) < covered.width
  ensure(inside, 'its padding is as large as its window')
}

/** Holds the output's shape to what the window makes of the input. @throws OperatorMismatch */
export function checkWindow(input: Tensor, output: Tensor, window: Window, channels: number): void {
  const { size, stride, dilation, padding } = window
  checkSteps(size, 'window')
  checkSteps(stride, 'stride')
  checkSteps(dilation, 'dilation')
  const image = imageOf(input)
  const covered = { height: reach(size.height, dilation.height), width: reach(size.width, dilation.width) }
  checkPadding(padding, covered)
  const rows = image.height + padding.top + padding.bottom - covered.height
  const columns = image.width + padding.left + padding.right - covered.width
  ensure(rows >= 0 && columns >= 0, `its window of ${covered.height}x${covered.width} is larger than its input`)
  const height = Math.floor(rows / stride.height) + 1
  const width = Math.floor(columns / stride.width) + 1
  ensureShape(output, [input.shape[0]!, height, width, channels], 'output')
}
