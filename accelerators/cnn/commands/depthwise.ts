/**
 * DEPTHWISE: every channel has a kernel of its own, so nothing can be summed over channels.
 *
 * Array mapping: a column is a channel, its rows hold up to `rows` taps of the kernel. The activation
 * port brings one pixel of `columns` channels a cycle. The activation registers of a column form a
 * shift register that keeps the window: to move it by one output pixel only the new kernel columns
 * are read, kernelHeight * min(kernelWidth, strideWidth) vectors; an output row starts with a whole
 * window. With dilation in width the window does not shift and is read afresh for every pixel. A
 * kernel with more taps than `rows` takes several passes over the pixels, with the sums in between
 * in the accumulators. Weights shadow-load during the block before, a tap a cycle.
 */
import { address, type FieldValues, firstZero, u16 } from '../../../sim/accel/description.ts'
import { convolveDepthwise } from '../convolve-depthwise.ts'
import {
  accumulatorVectors,
  type CnnParameters,
  command,
  PARAMETER_BYTES,
  REQUANTISE_CYCLES,
  SETUP_CYCLES,
} from '../parameters.ts'
import { clampFields, inputRegion, kernelFields, kernelSizes, outputRegion, tileStrides } from '../window.ts'

const fields = {
  input: address('act', 'first byte of the padded input tile'),
  weights: address('wgt', 'weights: channel block, kernel row, kernel column, then `columns` bytes'),
  parameters: address('wgt', 'per channel {int32 bias, int32 multiplier, int32 shift}'),
  output: address('act', 'first byte of the output tile'),
  ...tileStrides,
  channels: u16('input and output channels'),
  ...kernelFields,
  ...clampFields,
} as const
export type DepthwiseFields = FieldValues<typeof fields>

export const depthwise = command({
  opcode: 0x11,
  unit: 'compute',
  doc: 'depthwise convolution (one kernel per channel) with per-channel requantisation and activation clamp',
  fields,
  check(f, p) {
    const zero = firstZero(f, ['channels', ...kernelSizes])
    if (zero !== undefined) return zero
    if (f.activationMin > f.activationMax) return { field: 'activationMin', message: 'is above activationMax' }
    if (f.weights % p.columns !== 0) return { field: 'weights', message: `must be a multiple of ${p.columns}` }
    if (f.parameters % 4 !== 0) return { field: 'parameters', message: 'must be a multiple of 4' }
    return undefined
  },
  touches(f, p) {
    const blocks = Math.ceil(f.channels / p.columns)
    return [
      inputRegion(f, f.channels),
      {
        memory: 'wgt',
        access: 'read',
        field: 'weights',
        start: f.weights,
        bytes: blocks * f.kernelHeight * f.kernelWidth * p.columns,
      },
      { memory: 'wgt', access: 'read', field: 'parameters', start: f.parameters, bytes: f.channels * PARAMETER_BYTES },
      outputRegion(f, f.channels),
    ]
  },
  cycles(f, p) {
    const taps = f.kernelHeight * f.kernelWidth
    const blocks = Math.ceil(f.channels / p.columns)
    const pixels = f.outHeight * f.outWidth
    // Several passes need the sums of every pixel in between, so they go chunk by chunk of output rows.
    const chunks = passes(f, p).length === 1 ? 1 : Math.ceil(pixels / accumulatorVectors(p))
    const block = Math.max(blockCycles(f, p), chunks * (taps + PARAMETER_BYTES))
    const firstBlock = Math.min(p.rows, taps)
    return { cycles: SETUP_CYCLES + firstBlock + blocks * block + p.rows + p.columns + REQUANTISE_CYCLES }
  },
  macs: (f) => f.outHeight * f.outWidth * f.channels * f.kernelHeight * f.kernelWidth,
  execute(f, { memories, parameters }) {
    convolveDepthwise(f, memories, parameters)
    return undefined
  },
})

/** The parts of the kernel that fit the rows of the array, one pass each. */
function passes(f: DepthwiseFields, p: CnnParameters): { height: number; width: number }[] {
  const parts: { height: number; width: number }[] = []
  const rowsAtOnce = Math.max(1, Math.floor(p.rows / f.kernelWidth))
  for (let y = 0; y < f.kernelHeight; y += rowsAtOnce)
    for (let x = 0; x < f.kernelWidth; x += p.rows)
      parts.push({ height: Math.min(rowsAtOnce, f.kernelHeight - y), width: Math.min(p.rows, f.kernelWidth - x) })
  return parts
}

/** Cycles to bring the vectors of all output pixels of one block of channels, the bottleneck of the array here. */
function blockCycles(f: DepthwiseFields, p: CnnParameters): number {
  let cycles = 0
  for (const { height, width } of passes(f, p)) {
    const fresh = f.dilationWidth === 1 ? height * Math.min(width, f.strideWidth) : height * width
    cycles += f.outHeight * (height * width + (f.outWidth - 1) * fresh)
  }
  return cycles
}
