/** Attribute values of DWARF 4 and 5, 32-bit format (DWARF 5, section 7.5.6). */
import { type ByteReader, textAt } from './byte-reader.ts'

/** The sections that values point into. */
export interface DwarfSections {
  readonly info: Uint8Array
  readonly abbrev: Uint8Array
  readonly line: Uint8Array
  readonly str: Uint8Array | undefined
  readonly lineStr: Uint8Array | undefined
  readonly strOffsets: Uint8Array | undefined
  readonly addr: Uint8Array | undefined
  readonly ranges: Uint8Array | undefined
  readonly rnglists: Uint8Array | undefined
}

/** What the meaning of a value depends on. */
interface FormContext {
  readonly addressBytes: number
  /** Offset of the unit, which references count from. */
  readonly unit: number
}

/** A value that stands in another section: an offset of a string there, or an index in a table that the unit tells of. */
interface Elsewhere {
  readonly of: 'str' | 'lineStr' | 'address' | 'text' | 'ranges'
  readonly index: number
}

/** The value of an attribute; references are offsets in `.debug_info`, blocks are left out. */
export type FormValue = number | string | Elsewhere

const DW_FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  addrx1: 0x29,
} as const

export const FORM_ADDRESS = DW_FORM.addr
export const FORM_IMPLICIT_CONST = DW_FORM.implicitConst

type Read = (reader: ByteReader, context: FormContext) => FormValue

const block = (bytes: (reader: ByteReader) => number): Read => {
  return (reader) => {
    reader.skip(bytes(reader))
    return 0
  }
}
const plain =
  (bytes: number): Read =>
  (reader) =>
    reader.unsigned(bytes)
const reference = (read: (reader: ByteReader) => number): Read => {
  return (reader, { unit }) => unit + read(reader)
}
const elsewhere = (of: Elsewhere['of'], read: (reader: ByteReader) => number): Read => {
  return (reader) => ({ index: read(reader), of })
}
const uleb = (reader: ByteReader) => reader.uleb()

const readers: ReadonlyMap<number, Read> = new Map<number, Read>([
  [DW_FORM.addr, (reader, { addressBytes }) => reader.unsigned(addressBytes)],
  [DW_FORM.block1, block((reader) => reader.u8())],
  [DW_FORM.block2, block((reader) => reader.u16())],
  [DW_FORM.block4, block((reader) => reader.u32())],
  [DW_FORM.block, block(uleb)],
  [DW_FORM.exprloc, block(uleb)],
  [DW_FORM.data1, plain(1)],
  [DW_FORM.data2, plain(2)],
  [DW_FORM.data4, plain(4)],
  [DW_FORM.data8, plain(8)],
  [DW_FORM.data16, block(() => 16)],
  [DW_FORM.flag, plain(1)],
  [DW_FORM.flagPresent, () => 1],
  [DW_FORM.sdata, (reader) => reader.sleb()],
  [DW_FORM.udata, uleb],
  [DW_FORM.secOffset, plain(4)],
  [DW_FORM.string, (reader) => reader.text()],
  [DW_FORM.strp, elsewhere('str', (reader) => reader.u32())],
  [DW_FORM.lineStrp, elsewhere('lineStr', (reader) => reader.u32())],
  [DW_FORM.refAddr, plain(4)],
  [DW_FORM.ref1, reference((reader) => reader.u8())],
  [DW_FORM.ref2, reference((reader) => reader.u16())],
  [DW_FORM.ref4, reference((reader) => reader.u32())],
  [DW_FORM.ref8, reference((reader) => reader.unsigned(8))],
  [DW_FORM.refUdata, reference(uleb)],
  [DW_FORM.refSig8, block(() => 8)],
  [DW_FORM.refSup4, block(() => 4)],
  [DW_FORM.refSup8, block(() => 8)],
  [DW_FORM.strpSup, block(() => 4)],
  [DW_FORM.indirect, (reader, context) => readForm(reader, reader.uleb(), context)],
  [DW_FORM.strx, elsewhere('text', uleb)],
  [DW_FORM.addrx, elsewhere('address', uleb)],
  [DW_FORM.rnglistx, elsewhere('ranges', uleb)],
  [DW_FORM.loclistx, uleb],
  ...[1, 2, 3, 4].flatMap((bytes): [number, Read][] => [
    [DW_FORM.strx1 + bytes - 1, elsewhere('text', (reader) => reader.unsigned(bytes))],
    [DW_FORM.addrx1 + bytes - 1, elsewhere('address', (reader) => reader.unsigned(bytes))],
  ]),
])

/** @throws RangeError for a form that DWARF 5 does not have: what follows cannot be read */
export function readForm(reader: ByteReader, form: number, context: FormContext): FormValue {
  const read = readers.get(form)
  if (read === undefined) throw new RangeError(`DWARF form ${form} is unknown`)
  return read(reader, context)
}

/** The text of a value that is one and needs no table of its unit. */
export function plainText(value: FormValue | undefined, sections: DwarfSections): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || (value.of !== 'str' && value.of !== 'lineStr')) return undefined
  return textAt(sections[value.of], value.index)
}
