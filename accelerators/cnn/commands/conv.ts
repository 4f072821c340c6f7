/**
 * CONV: dense 2-D convolution, the array's main job.
 *
 * Dataflow: weight stationary. A block of `rows` x `columns` weights stays in the array while one
 * vector of `rows` input bytes per output pixel streams through; sums collect in the accumulator
 * memory, one vector of `columns` int32 per pixel. A shadow register in every MAC takes the next
 * block meanwhile. Output pixels are taken in chunks of half the accumulator memory: one half
 * fills while the other drains through the requantiser, `columns` bytes a cycle.
 *
 * The reduction axis is cut where input bytes stop being contiguous in the scratchpad: with dense
 * pixels and dilation 1 a kernel row is one run of kernelWidth * inChannels bytes, so that few
 * input channels do not leave the array empty; otherwise every tap is a run of inChannels.
 *
 * Padding is not handled here: LOAD lays out padded tiles. The input zero point is not either:
 * the compiler folds -zeroPoint * sum(weights) into the bias.
 */
import { address, type FieldValues, i8, type Region, u8, u16, u32 } from '../../../sim/accel/description.ts'
import { type CnnParameters, command, SETUP_CYCLES } from '../parameters.ts'
import { convolve } from './convolve.ts'

/** Bytes of requantisation parameters per output channel: int32 bias, Q31 multiplier, shift (left positive). */
export const PARAMETER_BYTES = 12

const fields = {
  input: address('act', 'first byte of the padded input tile'),
  weights: address('wgt', 'weights: column block, kernel row, kernel column, input channel, then `columns` bytes'),
  parameters: address('wgt', 'per output channel {int32 bias, int32 multiplier, int32 shift}'),
  output: address('act', 'first byte of the output tile'),
  inputRowStride: u32('bytes from one input row to the next'),
  outputRowStride: u32('bytes from one output row to the next'),
  inputPixelStride: u16('bytes from one input pixel to the next'),
  outputPixelStride: u16('bytes from one output pixel to the next'),
  inChannels: u16('input channels to reduce over'),
  outChannels: u16('output channels to produce'),
  outHeight: u16('output rows'),
  outWidth: u16('output columns'),
  kernelHeight: u8('kernel rows'),
  kernelWidth: u8('kernel columns'),
  strideHeight: u8('vertical stride'),
  strideWidth: u8('horizontal stride'),
  dilationHeight: u8('vertical dilation, 1 for none'),
  dilationWidth: u8('horizontal dilation, 1 for none'),
  outputZeroPoint: i8('added after requantisation'),
  activationMin: i8('lower clamp of the output'),
  activationMax: i8('upper clamp of the output'),
  partial: u8('what happens to the sums when the reduction is split over commands', {
    values: { keepSums: 1, continueSums: 2 },
  }),
} as const
export type ConvFields = FieldValues<typeof fields>

/** `partial` bit 0: leave the sums in the accumulators, write no output. */
export const KEEP_SUMS = 1
/** `partial` bit 1: start from the sums that the previous CONV left, not from the bias. */
export const CONTINUE_SUMS = 2

/** Vectors of `columns` sums that the accumulator memory holds. */
export const accumulatorVectors = (p: CnnParameters): number => Math.floor((p.accumulatorKiB * 1024) / (4 * p.columns))

/** Contiguous input bytes per run and number of runs of the reduction of one output pixel. */
export function reductionRuns(f: ConvFields): { length: number; count: number } {
  const dense = f.dilationWidth === 1 && f.inputPixelStride === f.inChannels
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
    for (const name of [
      'inChannels',
      'outChannels',
      'outHeight',
      'outWidth',
      'kernelHeight',
      'kernelWidth',
      'strideHeight',
      'strideWidth',
      'dilationHeight',
      'dilationWidth',
    ] as const)
      if (f[name] === 0) return { field: name, message: 'must not be zero' }
    if (f.activationMin > f.activationMax) return { field: 'activationMin', message: 'is above activationMax' }
    if (f.partial > (KEEP_SUMS | CONTINUE_SUMS)) return { field: 'partial', message: 'has reserved bits set' }
    if (f.weights % p.columns !== 0) return { field: 'weights', message: `must be a multiple of ${p.columns}` }
    if (f.parameters % 4 !== 0) return { field: 'parameters', message: 'must be a multiple of 4' }
    if (f.partial !== 0 && f.outHeight * f.outWidth * Math.ceil(f.outChannels / p.columns) > accumulatorVectors(p))
      return { field: 'partial', message: `needs more than the ${accumulatorVectors(p)} accumulator vectors` }
    return undefined
  },
  touches(f, p) {
    const columnBlocks = Math.ceil(f.outChannels / p.columns)
    const taps = f.kernelHeight * f.kernelWidth
    const regions: Region[] = [
      {
        memory: 'act',
        access: 'read',
        start: f.input,
        bytes: f.inChannels,
        repeat: [
          {
            count: (f.outHeight - 1) * f.strideHeight + (f.kernelHeight - 1) * f.dilationHeight + 1,
            stride: f.inputRowStride,
          },
          {
            count: (f.outWidth - 1) * f.strideWidth + (f.kernelWidth - 1) * f.dilationWidth + 1,
            stride: f.inputPixelStride,
          },
        ],
      },
      { memory: 'wgt', access: 'read', start: f.weights, bytes: columnBlocks * taps * f.inChannels * p.columns },
      { memory: 'wgt', access: 'read', start: f.parameters, bytes: f.outChannels * PARAMETER_BYTES },
    ]
    if ((f.partial & KEEP_SUMS) === 0)
      regions.push({
        memory: 'act',
        access: 'write',
        start: f.output,
        bytes: f.outChannels,
        repeat: [
          { count: f.outHeight, stride: f.outputRowStride },
          { count: f.outWidth, stride: f.outputPixelStride },
        ],
      })
    return regions
  },
  cycles(f, p) {
    const pixels = f.outHeight * f.outWidth
    const columnBlocks = Math.ceil(f.outChannels / p.columns)
    const chunk = Math.max(1, accumulatorVectors(p) >> 1)
    const whole = Math.floor(pixels / chunk)
    const rest = pixels % chunk
    const { length } = reductionRuns(f)
    const drain = (f.partial & KEEP_SUMS) !== 0 ? 0 : rest === 0 ? Math.min(chunk, pixels) : rest
    const busy = columnBlocks * (whole * phaseCycles(f, p, chunk) + (rest > 0 ? phaseCycles(f, p, rest) : 0))
    const fill = Math.min(p.rows, length) + p.rows + p.columns
    return { cycles: SETUP_CYCLES + fill + busy + drain }
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
