/**
 * LOAD: copies up to three dimensions from RAM into a scratchpad and writes padding around them.
 *
 * `planes` image rows of `rows` pixels of `bytes` channels. In the scratchpad the data stands inside a
 * frame of padBottom, padTop rows and padLeft, padRight pixels of `padValue`; `scratch` is the corner
 * of the frame, so that index (0, 0) there is padding when there is any.
 */
import { address, type FieldValues, firstZero, i8, oneOf, u8, u16, u32 } from '../../../sim/accel/description.ts'
import { command } from '../parameters.ts'
import { type Runs, regionOf, transferCost } from '../transfer.ts'

/** Scratchpads by the value of `memory`. */
export const LOAD_MEMORIES = ['act', 'wgt'] as const

const fields = {
  ram: address('ram', 'first byte in RAM'),
  scratch: u32('first byte of the frame in the scratchpad'),
  memory: oneOf({ act: 0, wgt: 1 }, 'which scratchpad'),
  bytes: u32('contiguous bytes: the channels of one pixel, or everything when there is one pixel'),
  rows: u16('pixels of an image row'),
  planes: u16('image rows'),
  ramRowStride: u32('bytes from one pixel to the next in RAM'),
  ramPlaneStride: u32('bytes from one image row to the next in RAM'),
  scratchRowStride: u32('bytes from one pixel to the next in the scratchpad'),
  scratchPlaneStride: u32('bytes from one image row to the next in the scratchpad'),
  padTop: u8('image rows of padding above'),
  padBottom: u8('image rows of padding below'),
  padLeft: u8('pixels of padding before each image row'),
  padRight: u8('pixels of padding behind each image row'),
  padValue: i8('value of the padding, usually the zero point'),
} as const
type LoadFields = FieldValues<typeof fields>

/** The data in RAM. */
const source = (f: LoadFields): Runs => ({
  start: f.ram,
  bytes: f.bytes,
  rows: f.rows,
  rowStride: f.ramRowStride,
  planes: f.planes,
  planeStride: f.ramPlaneStride,
})

/** The frame in the scratchpad. */
const frameOf = (f: LoadFields): Runs => ({
  start: f.scratch,
  bytes: f.bytes,
  rows: f.padLeft + f.rows + f.padRight,
  rowStride: f.scratchRowStride,
  planes: f.padTop + f.planes + f.padBottom,
  planeStride: f.scratchPlaneStride,
})

export const load = command({
  opcode: 0x01,
  unit: 'load',
  doc: 'RAM to scratchpad, up to three dimensions, with padding around them',
  fields,
  check: (f) => firstZero(f, ['bytes', 'rows', 'planes']),
  touches: (f) => [
    regionOf('ram', 'read', 'ram', source(f)),
    regionOf(LOAD_MEMORIES[f.memory]!, 'write', 'scratch', frameOf(f)),
  ],
  cycles(f, p) {
    const frame = frameOf(f)
    const padBytes = (frame.rows * frame.planes - f.rows * f.planes) * f.bytes
    return transferCost(source(f), { ...frame, rows: f.rows, planes: f.planes }, padBytes, p)
  },
  execute(f, { memories, ram }) {
    const memory = memories[LOAD_MEMORIES[f.memory]!]!
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset, memory.length)
    const frame = frameOf(f)
    const fill = (plane: number, row: number, count: number) => {
      const at = f.scratch + plane * f.scratchPlaneStride + row * f.scratchRowStride
      for (let i = 0; i < count; i++)
        memory.fill(f.padValue, at + i * f.scratchRowStride, at + i * f.scratchRowStride + f.bytes)
    }
    const dense = f.ramRowStride === f.bytes && f.scratchRowStride === f.bytes
    const pixels = dense ? f.rows : 1
    for (let plane = 0; plane < frame.planes; plane++) {
      const y = plane - f.padTop
      if (y < 0 || y >= f.planes) {
        fill(plane, 0, frame.rows)
        continue
      }
      fill(plane, 0, f.padLeft)
      for (let x = 0; x < f.rows; x += pixels) {
        const from = f.ram + y * f.ramPlaneStride + x * f.ramRowStride
        const to = f.scratch + plane * f.scratchPlaneStride + (f.padLeft + x) * f.scratchRowStride
        if (!ram.read(from, bytes.subarray(to, to + pixels * f.bytes))) return from
      }
      fill(plane, f.padLeft + f.rows, f.padRight)
    }
    return undefined
  },
})
