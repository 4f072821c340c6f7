/**
 * CONV: dense 2-D convolution, the array's main job.
 *
 * Dataflow: weight stationary. A block of `rows` x `columns` weights stays in the array while one
 * vector of `rows` input bytes per output pixel streams through; sums collect in the accumulator
 * memory, one vector of `columns` int32 per pixel. A shadow register in every MAC takes the next
 * block meanwhile. During the last block the sums leave through the requantiser instead, one vector
 * a cycle, so draining costs its pipeline depth only. Output pixels are taken in chunks of what the
 * accumulator memory holds.
 *
 * The reduction axis is cut where input bytes stop being contiguous in the scratchpad: with dense
 * pixels and dilation 1 a kernel row is one run of kernelWidth * inChannels bytes, so that few
 * input channels do not leave the array empty; otherwise every tap is a run of inChannels.
 *
 * Padding is not handled here: LOAD lays out padded tiles. The input zero point is not either:
 * the compiler folds -zeroPoint * sum(weights) into the bias. Groups are one CONV each.
 */
import { address, type FieldValues, firstZero, flags, type Region, u16 } from '../../../sim/accel/description.ts'
import { convolve } from '../convolve.ts'
import {
  accumulatorVectors,
  type CnnParameters,
  command,
  PARAMETER_BYTES,
  partialSums,
  REQUANTISE_CYCLES,
  SETUP_CYCLES,
} from '../parameters.ts'
import { clampFields, inputRegion, kernelFields, kernelSizes, outputRegion, tileStrides } from '../window.ts'

const fields = {
  input: address('act', 'first byte of the padded input tile'),
  weights: address('wgt', 'weights: column block, kernel row, kernel column, input channel, then `columns` bytes'),
  parameters: address('wgt', 'per output channel {int32 bias, int32 multiplier, int32 shift}'),
  output: address('act', 'first byte of the output tile'),
  ...tileStrides,
  inChannels: u16('input channels to reduce over'),
  outChannels: u16('output channels to produce'),
  ...kernelFields,
  ...clampFields,
  partial: flags(partialSums, 'for a reduction that is split over several commands of the same shape'),
} as const
export type ConvFields = FieldValues<typeof fields>

/** Accumulators that a partial command reads or leaves: block of columns, pixel, then `columns` int32. */
function accumulatorRegions(f: ConvFields, p: CnnParameters): Region[] {
  const bytes = Math.ceil(f.outChannels / p.columns) * f.outHeight * f.outWidth * p.columns * 4
  const region = { memory: 'acc', start: 0, bytes } as const
  const regions: Region[] = []
  if ((f.partial & partialSums.continueSums) !== 0) regions.push({ ...region, access: 'read' })
  if ((f.partial & partialSums.keepSums) !== 0) regions.push({ ...region, access: 'write' })
  return regions
}

/** Contiguous input bytes per run and number of runs of the reduction of one output pixel. */
export function reductionRuns(f: ConvFields): { length: number; count: number } {
  const dense = f.kernelWidth === 1 || (f.dilationWidth === 1 && f.inputPixelStride === f.inChannels)
  return dense
    ? { length: f.kernelWidth * f.inChannels, count: f.kernelHeight }
    : { length: f.inChannels, count: f.kernelHeight * f.kernelWidth }
}

export const conv = command({
  opcode: 0x10,
  unit: 'compute',
  doc: 'dense convolution with per-channel requantisation and activation clamp',
  fields,
  check(f, p) {
    const zero = firstZero(f, ['inChannels', 'outChannels', ...kernelSizes])
    if (zero !== undefined) return zero
    if (f.activationMin > f.activationMax) return { field: 'activationMin', message: 'is above activationMax' }
    if (f.weights % p.columns !== 0) return { field: 'weights', message: `must be a multiple of ${p.columns}` }
    if (f.parameters % 4 !== 0) return { field: 'parameters', message: 'must be a multiple of 4' }
    return undefined
  },
  touches(f, p) {
    const columnBlocks = Math.ceil(f.outChannels / p.columns)
    const taps = f.kernelHeight * f.kernelWidth
    return [
      inputRegion(f, f.inChannels),
      {
        memory: 'wgt',
        access: 'read',
        field: 'weights',
        start: f.weights,
        bytes: columnBlocks * taps * f.inChannels * p.columns,
      },
      {
        memory: 'wgt',
        access: 'read',
        field: 'parameters',
        start: f.parameters,
        bytes: f.outChannels * PARAMETER_BYTES,
      },
      ...accumulatorRegions(f, p),
      ...((f.partial & partialSums.keepSums) === 0 ? [outputRegion(f, f.outChannels)] : []),
    ]
  },
  cycles(f, p) {
    const pixels = f.outHeight * f.outWidth
    const columnBlocks = Math.ceil(f.outChannels / p.columns)
    const chunk = accumulatorVectors(p)
    const whole = Math.floor(pixels / chunk)
    const rest = pixels % chunk
    const firstBlock = Math.min(p.rows, reductionRuns(f).length)
    const skew = p.rows + p.columns
    const busy = columnBlocks * (whole * phaseCycles(f, p, chunk) + (rest > 0 ? phaseCycles(f, p, rest) : 0))
    return { cycles: SETUP_CYCLES + firstBlock + busy + skew + REQUANTISE_CYCLES }
  },
  macs: (f) => f.outHeight * f.outWidth * f.outChannels * f.kernelHeight * f.kernelWidth * f.inChannels,
  execute(f, { memories, parameters }) {
    convolve(f, memories, parameters)
    return undefined
  },
})

/**
 * Cycles of one chunk of `pixels` for one block of output channels. Every weight block streams all
 * pixels, and lasts at least as long as the weight port needs for the next block (a row a cycle);
 * the port also brings the requantisation parameters.
 */
function phaseCycles(f: ConvFields, p: CnnParameters, pixels: number): number {
  const { length, count } = reductionRuns(f)
  const fullBlocks = Math.floor(length / p.rows)
  const lastRows = length % p.rows
  const stream = count * (fullBlocks * Math.max(pixels, p.rows) + (lastRows > 0 ? Math.max(pixels, lastRows) : 0))
  return Math.max(stream, count * length + PARAMETER_BYTES)
}
