import type { Filter, Shape } from './network.ts'

/** The windows of a convolution: for every output pixel and tap the offset of the input pixel, or -1 in the padding. */
export interface Windows {
  readonly shape: readonly [height: number, width: number]
  readonly offsets: Int32Array
}

/** SAME padding as TensorFlow defines it: the smaller half goes before, the larger behind. */
export function windows([height, width, channels]: Shape, { kernel, stride }: Omit<Filter, 'relu'>): Windows {
  const outHeight = Math.ceil(height / stride)
  const outWidth = Math.ceil(width / stride)
  const top = Math.floor(Math.max((outHeight - 1) * stride + kernel - height, 0) / 2)
  const left = Math.floor(Math.max((outWidth - 1) * stride + kernel - width, 0) / 2)
  const offsets = new Int32Array(outHeight * outWidth * kernel * kernel)
  let at = 0
  for (let oy = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let tap = 0; tap < kernel * kernel; tap++) {
        const y = oy * stride - top + Math.floor(tap / kernel)
        const x = ox * stride - left + (tap % kernel)
        offsets[at++] = y >= 0 && y < height && x >= 0 && x < width ? (y * width + x) * channels : -1
      }
    }
  }
  return { shape: [outHeight, outWidth], offsets }
}
