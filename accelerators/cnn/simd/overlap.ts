import type { Region } from '../../../sim/accel/description.ts'
import { inputRegion, type Kernel, outputRegion, type Tile } from '../window.ts'

/** One past the last byte of a region. */
export const endOf = ({ start, bytes, repeat = [] }: Region): number =>
  repeat.reduce((end, { count, stride }) => end + (count - 1) * stride, start + bytes)

/** Whether the results of different pixels cannot lie on one another, so that their order does not matter. */
export function pixelsApart(f: Tile, channels: number): boolean {
  const row = (f.outWidth - 1) * f.outputPixelStride + channels
  return (f.outWidth === 1 || f.outputPixelStride >= channels) && (f.outHeight === 1 || f.outputRowStride >= row)
}

/** Whether results can disturb neither inputs nor one another. */
export function independent(f: Tile & Kernel, inChannels: number, outChannels: number): boolean {
  const disjoint = f.output >= endOf(inputRegion(f, inChannels)) || f.input >= endOf(outputRegion(f, outChannels))
  return disjoint && pixelsApart(f, outChannels)
}
