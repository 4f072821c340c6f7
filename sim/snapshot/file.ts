/**
 * Snapshot files. All numbers are little endian.
 *
 *   0   magic 'PRESNAP\n'
 *   8   version of the format (32 bits)
 *   12  CRC-32 of everything that follows
 *   16  length of the state's bytes (32 bits)
 *   20  the bytes of the state (`encodeState`), deflated (RFC 1951)
 */
import { deflateSync, inflateSync } from 'fflate'
import { UserError } from '../diagnostic.ts'
import type { Machine, MachineState } from '../machine.ts'
import { checksum } from './checksum.ts'
import { decodeState, encodeState } from './encode.ts'
import { hasFormOf, isExact } from './form.ts'
import { checkIdentity } from './identity.ts'

const MAGIC = new TextEncoder().encode('PRESNAP\n')
/** Counts up whenever the state of any block changes its form. */
const VERSION = 2
const VERSION_AT = 8
const CHECKSUM_AT = 12
const LENGTH_AT = 16
const STATE_AT = 20
/** Fast, and good enough for memories that are mostly zero. */
const DEFLATE_LEVEL = 3
/** Larger than the state of any platform with 32-bit addresses that a host could simulate. */
const MOST_BYTES = 0x4000_0000
/** Deflate makes nothing smaller than this: a longer state is not in the file, however much it claims. */
const MOST_RATIO = 1032

/** The state of a machine as a file. */
export function encodeSnapshot(state: MachineState): Uint8Array {
  const bytes = encodeState(state)
  const packed = deflateSync(bytes, { level: DEFLATE_LEVEL })
  const file = new Uint8Array(STATE_AT + packed.length)
  const view = new DataView(file.buffer)
  file.set(MAGIC)
  view.setUint32(VERSION_AT, VERSION, true)
  view.setUint32(LENGTH_AT, bytes.length, true)
  file.set(packed, STATE_AT)
  view.setUint32(CHECKSUM_AT, checksum(file.subarray(LENGTH_AT)), true)
  return file
}

/**
 * Restores the state in the bytes of a file.
 *
 * @param name of the file, for messages
 * @throws UserError when the file is no snapshot, is damaged, or is of another machine
 */
export function restoreSnapshot(machine: Machine, file: Uint8Array, name: string): void {
  const packed = check(file, name)
  try {
    const bytes = packed()
    const state = decodeState(bytes) as MachineState
    const own = machine.save()
    if (!hasFormOf(own.identity, state.identity)) throw new RangeError('it names no machine')
    checkIdentity(state.identity, own.identity)
    if (!isExact(state) || !hasFormOf(own, state)) throw new RangeError('a value is of another kind')
    machine.restore(state)
    // What the machine would save now tells whether it has taken on everything as it stands.
    if (!equal(encodeState(machine.save()), bytes)) throw new RangeError('a value was not possible')
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, error.message, error.hint, { file: name })
    throw refusal('damaged', 'its content makes no sense', name)
  }
}

/** Everything that can be told without unpacking; returns how to unpack. */
function check(file: Uint8Array, name: string): () => Uint8Array {
  if (file.length < STATE_AT || !MAGIC.every((byte, index) => file[index] === byte)) {
    throw refusal('format', 'it is no snapshot', name)
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const version = view.getUint32(VERSION_AT, true)
  if (version !== VERSION) {
    throw refusal('version', `it has version ${version} of the snapshot format, not ${VERSION}`, name)
  }
  const length = view.getUint32(LENGTH_AT, true)
  if (view.getUint32(CHECKSUM_AT, true) !== checksum(file.subarray(LENGTH_AT))) {
    throw refusal('damaged', 'it is truncated or damaged (its checksum does not match)', name)
  }
  if (length > Math.min(MOST_BYTES, MOST_RATIO * (file.length - STATE_AT))) {
    throw refusal('damaged', 'it claims to hold more than it can', name)
  }
  return () => inflateSync(file.subarray(STATE_AT), { out: new Uint8Array(length) })
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function refusal(code: string, message: string, file: string): UserError {
  return new UserError(`snapshot-${code}`, message, 'take the snapshot again with --snapshot-at', { file })
}
