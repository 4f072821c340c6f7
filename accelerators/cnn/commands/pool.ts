/**
 * POOL: maximum or average over a window. The window is clipped to the input, so that padding needs no
 * bytes and an average divides by what is left of it.
 *
 * average: sum of (x - inputZeroPoint), requantised, divided by the count with rounding half away from
 * zero, + outputZeroPoint, clamped. The identity is multiplier 2^30, shift 1: with it and equal zero
 * points this is TFLite's AVERAGE_POOL_2D; with a real scale it is its MEAN over height and width.
 */
import { address, type FieldValues, firstZero, i8, i32, oneOf, u8, u16 } from '../../../sim/accel/description.ts'
import { requantise, shiftProblem } from '../../../sim/accel/requantise.ts'
import { type CnnParameters, command, REQUANTISE_CYCLES, SETUP_CYCLES } from '../parameters.ts'
import { clampFields, outputRegion, tileStrides } from '../window.ts'

export const poolKinds = { max: 0, average: 1 } as const

const fields = {
  input: address('act', 'first byte of the input tile'),
  output: address('act', 'first byte of the output tile'),
  ...tileStrides,
  channels: u16('channels'),
  inHeight: u16('input rows; windows are clipped to them'),
  inWidth: u16('input columns'),
  outHeight: u16('output rows'),
  outWidth: u16('output columns'),
  kernelHeight: u8('window rows'),
  kernelWidth: u8('window columns'),
  strideHeight: u8('vertical stride'),
  strideWidth: u8('horizontal stride'),
  padTop: u8('rows of the first window that stand above the input'),
  padLeft: u8('columns of the first window that stand left of the input'),
  kind: oneOf(poolKinds, 'maximum or average'),
  inputZeroPoint: i8('average: subtracted from every input'),
  multiplier: i32('average: Q31 multiplier of the sum'),
  shift: i8('average: its shift, left positive'),
  ...clampFields,
} as const
export type PoolFields = FieldValues<typeof fields>

/** First and last + 1 input index of window `out` along one axis. */
export const clip = (out: number, stride: number, pad: number, kernel: number, size: number) => ({
  from: Math.max(0, out * stride - pad),
  to: Math.min(size, out * stride - pad + kernel),
})

export const pool = command({
  opcode: 0x21,
  unit: 'compute',
  doc: 'maximum or average over a window that is clipped to the input',
  fields,
  check(f) {
    const zero = firstZero(f, [
      'channels',
      'inHeight',
      'inWidth',
      'outHeight',
      'outWidth',
      'kernelHeight',
      'kernelWidth',
      'strideHeight',
      'strideWidth',
    ])
    if (zero !== undefined) return zero
    if (f.activationMin > f.activationMax) return { field: 'activationMin', message: 'is above activationMax' }
    if (f.padTop >= f.kernelHeight) return { field: 'padTop', message: 'leaves the first window empty' }
    if (f.padLeft >= f.kernelWidth) return { field: 'padLeft', message: 'leaves the first window empty' }
    if ((f.outHeight - 1) * f.strideHeight - f.padTop >= f.inHeight)
      return { field: 'outHeight', message: 'leaves the last window empty' }
    if ((f.outWidth - 1) * f.strideWidth - f.padLeft >= f.inWidth)
      return { field: 'outWidth', message: 'leaves the last window empty' }
    return shiftProblem(f, ['shift'])
  },
  touches: (f) => [
    {
      memory: 'act',
      access: 'read',
      field: 'input',
      start: f.input,
      bytes: f.channels,
      repeat: [
        {
          count: clip(f.outHeight - 1, f.strideHeight, f.padTop, f.kernelHeight, f.inHeight).to,
          stride: f.inputRowStride,
        },
        {
          count: clip(f.outWidth - 1, f.strideWidth, f.padLeft, f.kernelWidth, f.inWidth).to,
          stride: f.inputPixelStride,
        },
      ],
    },
    outputRegion(f, f.channels),
  ],
  cycles: (f, p) => ({ cycles: SETUP_CYCLES + windowPositions(f) * vectors(f, p) + REQUANTISE_CYCLES }),
  execute(f, { memories }) {
    const act = memories.act!
    for (let y = 0; y < f.outHeight; y++) for (let x = 0; x < f.outWidth; x++) poolPixel(f, act, y, x)
    return undefined
  },
})

/** Vectors of `lanes` channels per pixel. */
const vectors = (f: PoolFields, p: CnnParameters): number => Math.ceil(f.channels / p.lanes)

/** Input pixels that all windows visit together. */
function windowPositions(f: PoolFields): number {
  const along = (out: number, stride: number, pad: number, kernel: number, size: number) => {
    let total = 0
    for (let i = 0; i < out; i++) {
      const { from, to } = clip(i, stride, pad, kernel, size)
      total += to - from
    }
    return total
  }
  return (
    along(f.outHeight, f.strideHeight, f.padTop, f.kernelHeight, f.inHeight) *
    along(f.outWidth, f.strideWidth, f.padLeft, f.kernelWidth, f.inWidth)
  )
}

/** All channels of one output pixel. */
function poolPixel(f: PoolFields, act: Int8Array, y: number, x: number): void {
  const rows = clip(y, f.strideHeight, f.padTop, f.kernelHeight, f.inHeight)
  const columns = clip(x, f.strideWidth, f.padLeft, f.kernelWidth, f.inWidth)
  const count = (rows.to - rows.from) * (columns.to - columns.from)
  const output = f.output + y * f.outputRowStride + x * f.outputPixelStride
  for (let channel = 0; channel < f.channels; channel++) {
    let sum = 0
    let max = -128
    for (let row = rows.from; row < rows.to; row++)
      for (let column = columns.from; column < columns.to; column++) {
        const value = act[f.input + row * f.inputRowStride + column * f.inputPixelStride + channel]!
        sum += value - f.inputZeroPoint
        if (value > max) max = value
      }
    const result = f.kind === poolKinds.max ? max : average(f, sum, count)
    act[output + channel] = Math.min(f.activationMax, Math.max(f.activationMin, result))
  }
}

function average(f: PoolFields, sum: number, count: number): number {
  const scaled = requantise(sum, f.multiplier, f.shift)
  const half = count >> 1
  return Math.trunc((scaled > 0 ? scaled + half : scaled - half) / count) + f.outputZeroPoint
}
