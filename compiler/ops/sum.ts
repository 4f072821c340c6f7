import type { OperatorAttributes } from '../ir/operators.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { type Broadcast, broadcastOf, checkBroadcast, forEachRun } from './broadcast.ts'
import { ensureInt8 } from './constraints.ts'
import { ensure, type OperatorView } from './operator.ts'
import { type OutputRange, outputRange, quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'

export type BinaryInputs = readonly [a: Int8Array, b: Int8Array]
type Sum = OperatorView<'add' | 'sub', BinaryInputs, readonly [Int8Array]>

/**
 * Parameters of add_s8 and sub_s8: (x - zeroPoint) * 2^leftShift of each operand is rescaled, the sum or difference
 * is rescaled to the output. No factor shifts to the left.
 */
export interface SumParameters {
  readonly broadcast: Broadcast
  readonly aZeroPoint: number
  readonly bZeroPoint: number
  readonly leftShift: number
  readonly aScale: Rescale
  readonly bScale: Rescale
  readonly outputScale: Rescale
  readonly range: OutputRange
}

/** Bits of head room that int8 operands leave in 32 bits, by TFLite's choice. */
const LEFT_SHIFT = 20

/** Types and shapes of an addition or subtraction. @throws OperatorMismatch */
export function checkSum({ inputs: [a, b], outputs: [output] }: Sum): void {
  ensureInt8(a, 'first input')
  ensureInt8(b, 'second input')
  ensureInt8(output, 'output')
  checkBroadcast(a, b, output)
}

function atMostOne(factor: number): Rescale {
  const rescale = quantizeMultiplier(factor)
  ensure(rescale.multiplier > 0 && rescale.shift <= 0, `its scales give a factor of ${factor}, not one between 0 and 1`)
  return rescale
}

/** @param round how TFLite rounds each quotient: not at all for ADD, to float32 for SUB */
export function sumParameters(
  { attributes, inputs: [a, b], outputs: [output] }: Sum & { readonly attributes: OperatorAttributes['add'] },
  round: (quotient: number) => number,
): SumParameters {
  const [aScale, bScale, outScale] = [scaleOf(a).scale, scaleOf(b).scale, scaleOf(output).scale]
  const twiceLarger = 2 * Math.max(aScale, bScale)
  return {
    broadcast: broadcastOf(a.shape, b.shape),
    aZeroPoint: scaleOf(a).zeroPoint,
    bZeroPoint: scaleOf(b).zeroPoint,
    leftShift: LEFT_SHIFT,
    aScale: atMostOne(round(aScale / twiceLarger)),
    bScale: atMostOne(round(bScale / twiceLarger)),
    outputScale: atMostOne(round(twiceLarger / (2 ** LEFT_SHIFT * outScale))),
    range: outputRange(output, attributes.activation),
  }
}

/** @param sign 1 to add, -1 to subtract the second operand */
export function evaluateSum(p: SumParameters, [a, b]: BinaryInputs, out: Int8Array, sign: number): void {
  const { zeroPoint, min, max } = p.range
  forEachRun(p.broadcast, (to, aFrom, aStride, bFrom, bStride, count) => {
    for (let i = 0; i < count; i++) {
      const aShifted = (a[aFrom + i * aStride]! - p.aZeroPoint) << p.leftShift
      const bShifted = (b[bFrom + i * bStride]! - p.bZeroPoint) << p.leftShift
      const aScaled = multiplyByQuantizedMultiplier(aShifted, p.aScale.multiplier, p.aScale.shift)
      const bScaled = multiplyByQuantizedMultiplier(bShifted, p.bScale.multiplier, p.bScale.shift)
      const { multiplier, shift } = p.outputScale
      const value = multiplyByQuantizedMultiplier(aScaled + sign * bScaled, multiplier, shift) + zeroPoint
      out[to + i] = Math.min(max, Math.max(min, value))
    }
  })
}
