/**
 * The frame of a `.simtrace` file (see `traces/README.md`): magic and version, then records, each of
 *
 *   0   kind (8 bits), three bytes of zero
 *   4   bytes of the content, unpacked and packed (32 bits each)
 *   12  CRC-32 of the packed content
 *   16  the packed content: deflated (RFC 1951)
 *
 * all numbers little endian; and, in a file that was finished, 16 bytes: where the index's record begins (64 bits) and
 * `SIMTRIDX`.
 */
import { deflateSync, inflateSync } from 'fflate'
import { checksum } from '../../snapshot/checksum.ts'

export const MAGIC = new TextEncoder().encode('SIMTRACE')
export const END_MAGIC = new TextEncoder().encode('SIMTRIDX')
export const VERSION = 2
/** Magic, version, four bytes of zero. */
export const RECORDS_AT = 16
export const END_BYTES = 16
const RECORD_HEAD_BYTES = 16
/** Kinds of records. */
export const HEADER = 1
export const CHUNK = 2
export const PLACES = 3
export const INDEX = 4
/** What is large is packed quickly (a search of few steps, in tables of 16 K entries that stay in the cache), what is small, well. */
const quickly = { level: 1, mem: 2 } as const
const well = { level: 4 } as const
const LARGE = 1 << 16
const MOST_BYTES = 0x2000_0000

/** The first bytes of a file. */
export function fileHead(): Uint8Array {
  const head = new Uint8Array(RECORDS_AT)
  head.set(MAGIC)
  new DataView(head.buffer).setUint32(MAGIC.length, VERSION, true)
  return head
}

/** The last bytes of a finished file. */
export function fileEnd(indexAt: number): Uint8Array {
  const end = new Uint8Array(END_BYTES)
  new DataView(end.buffer).setBigUint64(0, BigInt(indexAt), true)
  end.set(END_MAGIC, 8)
  return end
}

export function encodeRecord(kind: number, content: Uint8Array): Uint8Array {
  const packed = deflateSync(content, content.length < LARGE ? well : quickly)
  const record = new Uint8Array(RECORD_HEAD_BYTES + packed.length)
  const view = new DataView(record.buffer)
  record[0] = kind
  view.setUint32(4, content.length, true)
  view.setUint32(8, packed.length, true)
  view.setUint32(12, checksum(packed), true)
  record.set(packed, RECORD_HEAD_BYTES)
  return record
}

/** A record in a file. */
export interface RecordPlace {
  readonly kind: number
  /** Where it begins, and where the next one would. */
  readonly at: number
  readonly end: number
}

/** The record at a place of a file; undefined where none is, or not all of it. */
export function recordAt(file: Uint8Array, at: number): RecordPlace | undefined {
  if (at + RECORD_HEAD_BYTES > file.length) return undefined
  const view = new DataView(file.buffer, file.byteOffset + at)
  const end = at + RECORD_HEAD_BYTES + view.getUint32(8, true)
  const kind = view.getUint8(0)
  if (kind < HEADER || kind > INDEX || view.getUint32(4, true) > MOST_BYTES || end > file.length) return undefined
  return { kind, at, end }
}

/** The content of a record; undefined when it is damaged. */
export function recordContent(file: Uint8Array, { at, end }: RecordPlace): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset + at)
  const packed = file.subarray(at + RECORD_HEAD_BYTES, end)
  if (checksum(packed) !== view.getUint32(12, true)) return undefined
  try {
    return inflateSync(packed, { out: new Uint8Array(view.getUint32(4, true)) })
  } catch {
    return undefined
  }
}
