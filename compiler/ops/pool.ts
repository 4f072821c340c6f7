import type { TfliteImport, TfliteNode } from '../import/tflite/node.ts'
import { Pool2DOptions } from '../import/tflite/schema.generated.ts'
import type { PoolAttributes, Size2d } from '../ir/operators.ts'
import { ensureInt8, ensureRank } from './constraints.ts'
import { ensure, type OperatorDefinition, type OperatorView } from './operator.ts'
import { outputRange, scaleOf } from './quantisation.ts'
import { activationOf, explicitPadding } from './tflite-options.ts'
import { checkSteps, checkWindow, type Image, imageOf } from './window.ts'

type PoolKind = 'averagePool2d' | 'maxPool2d'
type Pool = OperatorView<PoolKind, readonly [Int8Array], readonly [Int8Array]>
export type PoolDefinition<K extends PoolKind> = OperatorDefinition<
  K,
  PoolParameters,
  readonly [Int8Array],
  readonly [Int8Array]
>

/** Parameters of average_pool_s8 and max_pool_s8. */
export interface PoolParameters {
  readonly batches: number
  readonly input: Image
  readonly output: Image
  readonly window: Size2d
  readonly stride: Size2d
  /** Rows above and columns to the left; never part of the result. */
  readonly padding: { readonly top: number; readonly left: number }
  readonly min: number
  readonly max: number
}

const noDilation = { height: 1, width: 1 }

/** The attributes of either pool from its TFLite options. */
export function importPool(node: TfliteNode): TfliteImport<PoolKind> & { readonly attributes: PoolAttributes } {
  const options = node.options(Pool2DOptions)
  const input = node.input(0, 'input')
  ensureRank(input, 4, 'input')
  const window = { height: options.filterHeight(), width: options.filterWidth() }
  const stride = { height: options.strideH(), width: options.strideW() }
  checkSteps(window, 'window')
  const padding = explicitPadding(options.padding(), input, { size: window, stride, dilation: noDilation })
  return { attributes: { window, stride, padding, activation: activationOf(options.fusedActivationFunction()) } }
}

/** Types, quantisation and window of either pool. @throws OperatorMismatch */
export function checkPool({ attributes, inputs: [input], outputs: [output] }: Pool): void {
  ensureInt8(input, 'input')
  ensureInt8(output, 'output')
  ensureRank(input, 4, 'input')
  ensureRank(output, 4, 'output')
  const [from, to] = [scaleOf(input), scaleOf(output)]
  // TFLite's tolerance: converters leave scales that differ in the last bits.
  const same = Math.abs(from.scale - to.scale) <= 1e-6 && from.zeroPoint === to.zeroPoint
  ensure(same, 'its input and output differ in scale or zero point')
  const { window, stride, padding } = attributes
  checkWindow(input, output, { size: window, stride, padding, dilation: noDilation }, imageOf(input).channels)
}

/** Kernel parameters of either pool. */
export function poolParameters({ attributes, inputs: [input], outputs: [output] }: Pool): PoolParameters {
  const { window, stride, padding, activation } = attributes
  const { min, max } = outputRange(output, activation)
  return {
    batches: input.shape[0]!,
    input: imageOf(input),
    output: imageOf(output),
    window,
    stride,
    padding: { top: padding.top, left: padding.left },
    min,
    max,
  }
}

/** The part of a window that lies in one image: rows [top, bottom), columns [left, right). */
export interface Covered {
  readonly batch: number
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** Computes one output pixel: `out[to + channel]` for every channel. */
export type PoolPixel = (p: PoolParameters, input: Int8Array, at: Covered, out: Int8Array, to: number) => void

/** Walks the windows in the order of the output. */
export function pool(p: PoolParameters, input: Int8Array, out: Int8Array, pixel: PoolPixel): void {
  let written = 0
  for (let batch = 0; batch < p.batches; batch++) {
    for (let y = 0; y < p.output.height; y++) {
      const row = y * p.stride.height - p.padding.top
      const top = Math.max(0, row)
      const bottom = Math.min(p.input.height, row + p.window.height)
      for (let x = 0; x < p.output.width; x++) {
        const column = x * p.stride.width - p.padding.left
        const left = Math.max(0, column)
        const right = Math.min(p.input.width, column + p.window.width)
        pixel(p, input, { batch, top, bottom, left, right }, out, written)
        written += p.output.channels
      }
    }
  }
}
