/**
 * FENCE: marks a point of the stream. It completes when every command before it has completed, without
 * holding up those behind it; its sequence number then appears in register FENCE. Fences complete in
 * the order of the stream. The ring front end takes `sequence` and `interrupt` by their names.
 */
import { oneOf, u32 } from '../../../sim/accel/description.ts'
import { command } from '../parameters.ts'

const fields = {
  interrupt: oneOf({ no: 0, yes: 1 }, 'raise the fence interrupt on completion'),
  sequence: u32('what register FENCE shows from then on'),
  timestamp: u32('RAM address that gets the 64-bit SoC cycle of completion; 0 for none', { memory: 'ram' }),
} as const

function littleEndian64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

export const fence = command({
  opcode: 0x30,
  unit: 'front-end',
  doc: 'sequence number, interrupt and timestamp once everything before it has completed',
  fields,
  check: (f) => (f.timestamp % 8 === 0 ? undefined : { field: 'timestamp', message: 'must be a multiple of 8' }),
  touches: (f) =>
    f.timestamp === 0 ? [] : [{ memory: 'ram', access: 'write', field: 'timestamp', start: f.timestamp, bytes: 8 }],
  cycles: () => ({ cycles: 0 }),
  execute: (f, { now, ram }) =>
    f.timestamp === 0 || ram.write(f.timestamp, littleEndian64(now)) ? undefined : f.timestamp,
})
