/** STORE: copies up to three dimensions from the activation scratchpad to RAM. */
import { address, type FieldValues, firstZero, u16, u32 } from '../../../sim/accel/description.ts'
import { command } from '../parameters.ts'
import { type Runs, regionOf, transferCost } from '../transfer.ts'

const fields = {
  ram: address('ram', 'first byte in RAM'),
  scratch: address('act', 'first byte in the scratchpad'),
  bytes: u32('contiguous bytes: the channels of one pixel, or everything when there is one pixel'),
  rows: u16('pixels of an image row'),
  planes: u16('image rows'),
  ramRowStride: u32('bytes from one pixel to the next in RAM'),
  ramPlaneStride: u32('bytes from one image row to the next in RAM'),
  scratchRowStride: u32('bytes from one pixel to the next in the scratchpad'),
  scratchPlaneStride: u32('bytes from one image row to the next in the scratchpad'),
} as const

type StoreFields = FieldValues<typeof fields>

const source = (f: StoreFields): Runs => ({
  start: f.scratch,
  bytes: f.bytes,
  rows: f.rows,
  rowStride: f.scratchRowStride,
  planes: f.planes,
  planeStride: f.scratchPlaneStride,
})

const destination = (f: StoreFields): Runs => ({
  ...source(f),
  start: f.ram,
  rowStride: f.ramRowStride,
  planeStride: f.ramPlaneStride,
})

export const store = command({
  opcode: 0x02,
  unit: 'store',
  doc: 'activation scratchpad to RAM, up to three dimensions',
  fields,
  check: (f) => firstZero(f, ['bytes', 'rows', 'planes']),
  touches: (f) => [regionOf('act', 'read', 'scratch', source(f)), regionOf('ram', 'write', 'ram', destination(f))],
  cycles: (f, p) => transferCost(destination(f), source(f), 0, p),
  execute(f, { memories, ram }) {
    const act = memories.act!
    const bytes = new Uint8Array(act.buffer, act.byteOffset, act.length)
    const dense = f.ramRowStride === f.bytes && f.scratchRowStride === f.bytes
    const pixels = dense ? f.rows : 1
    for (let plane = 0; plane < f.planes; plane++)
      for (let row = 0; row < f.rows; row += pixels) {
        const from = f.scratch + plane * f.scratchPlaneStride + row * f.scratchRowStride
        const to = f.ram + plane * f.ramPlaneStride + row * f.ramRowStride
        if (!ram.write(to, bytes.subarray(from, from + pixels * f.bytes))) return to
      }
    return undefined
  },
})
