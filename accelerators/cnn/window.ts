/** The geometry that convolution, depthwise convolution and pooling share: a window that slides over an image tile. */
import { i8, type Region, u8, u16, u32 } from '../../sim/accel/description.ts'

/** Fields that place a tile of pixels of `act` in front of a command and its result behind it. */
export const tileStrides = {
  inputRowStride: u32('bytes from one input row to the next'),
  outputRowStride: u32('bytes from one output row to the next'),
  inputPixelStride: u16('bytes from one input pixel to the next'),
  outputPixelStride: u16('bytes from one output pixel to the next'),
} as const

/** Fields that describe a dilated, strided kernel over a padded tile. */
export const kernelFields = {
  outHeight: u16('output rows'),
  outWidth: u16('output columns'),
  kernelHeight: u8('kernel rows'),
  kernelWidth: u8('kernel columns'),
  strideHeight: u8('vertical stride'),
  strideWidth: u8('horizontal stride'),
  dilationHeight: u8('vertical dilation, 1 for none'),
  dilationWidth: u8('horizontal dilation, 1 for none'),
} as const
/** What must not be zero in them. */
export const kernelSizes = [
  'outHeight',
  'outWidth',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
] as const

/** Fields of the last step before a result is stored. */
export const clampFields = {
  outputZeroPoint: i8('added after requantisation'),
  activationMin: i8('lower clamp of the output'),
  activationMax: i8('upper clamp of the output'),
} as const

export interface Tile {
  readonly input: number
  readonly output: number
  readonly inputRowStride: number
  readonly outputRowStride: number
  readonly inputPixelStride: number
  readonly outputPixelStride: number
  readonly outHeight: number
  readonly outWidth: number
}
export interface Kernel {
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly strideHeight: number
  readonly strideWidth: number
  readonly dilationHeight: number
  readonly dilationWidth: number
}

/** The pixels that a kernel reads, `channels` bytes each. Rows or columns that a stride skips are left out for 1-wide kernels. */
export function inputRegion(f: Tile & Kernel, channels: number): Region {
  const axis = (out: number, kernel: number, stride: number, dilation: number, bytes: number) =>
    kernel === 1
      ? { count: out, stride: stride * bytes }
      : { count: (out - 1) * stride + (kernel - 1) * dilation + 1, stride: bytes }
  return {
    memory: 'act',
    access: 'read',
    field: 'input',
    start: f.input,
    bytes: channels,
    repeat: [
      axis(f.outHeight, f.kernelHeight, f.strideHeight, f.dilationHeight, f.inputRowStride),
      axis(f.outWidth, f.kernelWidth, f.strideWidth, f.dilationWidth, f.inputPixelStride),
    ],
  }
}

/** The pixels that a command produces. */
export function outputRegion(f: Tile, channels: number): Region {
  return {
    memory: 'act',
    access: 'write',
    field: 'output',
    start: f.output,
    bytes: channels,
    repeat: [
      { count: f.outHeight, stride: f.outputRowStride },
      { count: f.outWidth, stride: f.outputPixelStride },
    ],
  }
}
