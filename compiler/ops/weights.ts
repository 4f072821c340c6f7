import type { Tensor } from '../ir/graph.ts'
import { multiplyByQuantizedMultiplier } from '../reference/fixed-point.ts'
import { ensure } from './operator.ts'
import { dtypeRange, type OutputRange, quantizeMultiplier, type Rescale, scaleOf } from './quantisation.ts'

/** What a layer with weights does to the sums of each output channel. */
export interface OutputChannels {
  /** Bias with the input zero point folded in: bias - zeroPoint * (sum of the channel's weights). */
  readonly biases: Int32Array
  readonly multipliers: Int32Array
  /** Positive: to the left. */
  readonly shifts: Int32Array
}

/** The largest magnitude that a sum may reach so that 32-bit kernels are exact. */
const SUM_LIMIT = 2 ** 31 - 1024

/** Holds constant int8 weights, quantised as a whole or along `axis`, and an int32 bias to their form. */
export function checkWeights(weights: Tensor, bias: Tensor | undefined, axis: number): void {
  const channels = weights.shape[axis]!
  ensure(weights.dtype === 'int8', `its weights are ${weights.dtype}, not int8`)
  ensure(weights.data !== undefined, 'its weights are computed, not constant')
  const { scales, zeroPoints, axis: along } = weights.quantisation ?? { scales: [], zeroPoints: [], axis }
  ensure(scales.length > 0, 'its weights have no quantisation')
  const fits = scales.length === 1 || (scales.length === channels && along === axis)
  ensure(fits, `its weights have ${scales.length} scales along dimension ${along}, not ${channels} along ${axis}`)
  ensure(
    zeroPoints.every((zeroPoint) => zeroPoint === 0),
    'its weights have a zero point other than 0',
  )
  if (bias === undefined) return
  ensure(bias.dtype === 'int32', `its bias is ${bias.dtype}, not int32`)
  ensure(bias.data !== undefined, 'its bias is computed, not constant')
  const elements = bias.shape.reduce((product, size) => product * size, 1)
  ensure(elements === channels, `its bias has ${elements} elements, not ${channels}`)
}

/** The factor input scale * weight scale / output scale of each scale of the weights, in doubles as TFLite takes it. */
export function rescalePerScale(input: Tensor, weights: Tensor, output: Tensor): readonly Rescale[] {
  const inputScale = scaleOf(input).scale
  const outputScale = scaleOf(output).scale
  return weights.quantisation!.scales.map((scale) => quantizeMultiplier((inputScale * scale) / outputScale))
}

interface WeightsView {
  readonly weights: Int8Array
  readonly bias: Int32Array | undefined
  readonly channels: number
  /** Index of element `i` of channel `c` is c * channelStride + i * elementStride. */
  readonly channelStride: number
  readonly elementStride: number
}

/** Weights [channels, ...]: every channel's weights in one run. */
export function channelMajor(weights: Tensor, bias: Tensor | undefined): WeightsView {
  const data = weights.data as Int8Array
  const channels = weights.shape[0]!
  const channelStride = data.length / channels
  return { weights: data, bias: bias?.data as Int32Array | undefined, channels, channelStride, elementStride: 1 }
}

/** Weights [..., channels]: the channels of one tap in one run. */
export function channelMinor(weights: Tensor, bias: Tensor | undefined): WeightsView {
  const channels = weights.shape.at(-1)!
  const data = weights.data as Int8Array
  return {
    weights: data,
    bias: bias?.data as Int32Array | undefined,
    channels,
    channelStride: 1,
    elementStride: channels,
  }
}

/**
 * Per-channel parameters of a layer with weights.
 * @param rescales one for all channels, or one each
 * @throws OperatorMismatch when a sum may not fit 32 bits
 */
export function outputChannels(view: WeightsView, input: Tensor, rescales: readonly Rescale[]): OutputChannels {
  const { zeroPoint } = scaleOf(input)
  const [lowest, highest] = dtypeRange.int8
  const largestInput = Math.max(highest - zeroPoint, zeroPoint - lowest)
  const biases = new Int32Array(view.channels)
  const elements = view.weights.length / view.channels
  for (let channel = 0; channel < view.channels; channel++) {
    let sum = 0
    let magnitude = 0
    for (let i = 0; i < elements; i++) {
      const weight = view.weights[channel * view.channelStride + i * view.elementStride]!
      sum += weight
      magnitude += Math.abs(weight)
    }
    const bias = view.bias?.[channel] ?? 0
    ensure(
      magnitude * largestInput + Math.abs(bias) <= SUM_LIMIT && Math.abs(bias - zeroPoint * sum) <= SUM_LIMIT,
      `the sums of its output channel ${channel} may not fit 32 bits`,
    )
    biases[channel] = bias - zeroPoint * sum
  }
  const each = (field: keyof Rescale) =>
    Int32Array.from({ length: view.channels }, (_, channel) => rescales[rescales.length === 1 ? 0 : channel]![field])
  return { biases, multipliers: each('multiplier'), shifts: each('shift') }
}

/** Requantises one sum per output channel into `out`, from index `to`. */
export function requantise(
  sums: Int32Array,
  p: { readonly channels: OutputChannels; readonly range: OutputRange },
  out: Int8Array,
  to: number,
): void {
  const { multipliers, shifts } = p.channels
  const { zeroPoint, min, max } = p.range
  for (let channel = 0; channel < sums.length; channel++) {
    const scaled = multiplyByQuantizedMultiplier(sums[channel]!, multipliers[channel]!, shifts[channel]!)
    out[to + channel] = Math.min(max, Math.max(min, scaled + zeroPoint))
  }
}
