/** Units of `.debug_info` and their entries, DWARF 4 and 5, 32-bit format (DWARF 5, section 7.5). */
import { ByteReader, textAt } from './byte-reader.ts'
import {
  type DwarfSections,
  FORM_ADDRESS,
  FORM_IMPLICIT_CONST,
  type FormValue,
  plainText,
  readForm,
} from './dwarf-form.ts'

/** Attributes that are read. */
export const DW_AT = {
  name: 0x03,
  statements: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  abstractOrigin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  strOffsetsBase: 0x72,
  addrBase: 0x73,
  rnglistsBase: 0x74,
} as const

/** An entry: a function, an inlined call, or anything else of the source. */
export interface Entry {
  /** Where it stands in `.debug_info`: what references name. */
  readonly offset: number
  readonly depth: number
  readonly tag: number
  readonly attributes: ReadonlyMap<number, FormValue>
  /** Whether DW_AT_high_pc is an address; else it counts from DW_AT_low_pc. */
  readonly highIsAddress: boolean
}

/** Addresses [from, to). */
export type AddressRange = readonly [from: number, to: number]

const DW_UT_COMPILE = 1
const RANGE = { end: 0, baseIndex: 1, startEndIndex: 2, startLengthIndex: 3, offsets: 4, base: 5, startEnd: 6 } as const
const RANGE_START_LENGTH = 7
const NO_ADDRESS = 0xffff_ffff

interface Abbreviation {
  readonly tag: number
  readonly children: boolean
  readonly attributes: readonly { readonly name: number; readonly form: number; readonly constant: number }[]
}

/** One unit, for one source file with what it includes. */
export class Unit {
  readonly end: number
  /** Attributes of the unit itself, the first entry. */
  readonly root: ReadonlyMap<number, FormValue>
  private readonly sections: DwarfSections
  private readonly offset: number
  private readonly version: number
  private readonly addressBytes: number
  private readonly abbreviations: ReadonlyMap<number, Abbreviation>
  private readonly first: number

  /** @param offset of the unit in `.debug_info`; there must be one */
  constructor(sections: DwarfSections, offset: number) {
    const reader = new ByteReader(sections.info, offset)
    this.sections = sections
    this.offset = offset
    this.end = reader.u32() + reader.at
    this.version = reader.u16()
    const kind = this.version >= 5 ? reader.u8() : DW_UT_COMPILE
    const early = this.version >= 5 ? reader.u8() : 0
    const abbreviations = reader.u32()
    this.addressBytes = this.version >= 5 ? early : reader.u8()
    const known = this.version >= 4 && this.version <= 5 && kind === DW_UT_COMPILE
    this.abbreviations = known ? readAbbreviations(sections.abbrev, abbreviations) : new Map()
    this.first = reader.at
    this.root = known ? (this.entries().next().value?.attributes ?? new Map()) : new Map()
  }

  /** All entries in the order of the file: parents before their children. Units of other kinds have none. */
  *entries(): Generator<Entry, undefined> {
    const reader = new ByteReader(this.sections.info, this.first)
    if (this.abbreviations.size === 0) return
    for (let depth = 0; reader.at < this.end; ) {
      const offset = reader.at
      const abbreviation = this.abbreviations.get(reader.uleb())
      if (abbreviation === undefined) {
        if (--depth <= 0) return
        continue
      }
      const attributes = new Map<number, FormValue>()
      for (const { name, form, constant } of abbreviation.attributes) {
        attributes.set(name, form === FORM_IMPLICIT_CONST ? constant : readForm(reader, form, this.context))
      }
      const high = abbreviation.attributes.find(({ name }) => name === DW_AT.highPc)
      yield { offset, depth, tag: abbreviation.tag, attributes, highIsAddress: high?.form === FORM_ADDRESS }
      if (abbreviation.children) depth++
    }
  }

  text(value: FormValue | undefined): string | undefined {
    if (typeof value !== 'object' || value.of !== 'text') return plainText(value, this.sections)
    const { strOffsets = new Uint8Array(0), str } = this.sections
    const base = this.base(DW_AT.strOffsetsBase, 8)
    return textAt(str, new ByteReader(strOffsets, base + 4 * value.index).u32())
  }

  /** Code that an entry stands for; none for a declaration or a function that exists only inlined. */
  ranges({ attributes, highIsAddress }: Entry): readonly AddressRange[] {
    const list = attributes.get(DW_AT.ranges)
    if (list !== undefined) return this.version >= 5 ? this.rangeList(list) : this.oldRanges(list)
    const low = this.address(attributes.get(DW_AT.lowPc))
    const high = attributes.get(DW_AT.highPc)
    if (low === undefined || high === undefined) return []
    const end = highIsAddress || typeof high === 'object' ? this.address(high) : low + Number(high)
    return end === undefined || end <= low ? [] : [[low, end]]
  }

  private get context() {
    return { addressBytes: this.addressBytes, unit: this.offset }
  }

  /** Where the unit's part of an index table begins. */
  private base(attribute: number, otherwise: number): number {
    const value = this.root?.get(attribute)
    return typeof value === 'number' ? value : otherwise
  }

  private address(value: FormValue | undefined): number | undefined {
    if (typeof value === 'number') return value
    if (typeof value !== 'object' || value.of !== 'address') return undefined
    return this.indexedAddress(value.index)
  }

  private indexedAddress(index: number): number {
    const { addr = new Uint8Array(0) } = this.sections
    const at = this.base(DW_AT.addrBase, 8) + this.addressBytes * index
    return new ByteReader(addr, at).unsigned(this.addressBytes)
  }

  /** `.debug_ranges` (DWARF 4, section 2.17.3). */
  private oldRanges(list: FormValue): AddressRange[] {
    const { ranges } = this.sections
    if (ranges === undefined || typeof list !== 'number') return []
    const found: AddressRange[] = []
    const reader = new ByteReader(ranges, list)
    let base = this.address(this.root.get(DW_AT.lowPc)) ?? 0
    while (reader.at < reader.length) {
      const from = reader.unsigned(this.addressBytes)
      const to = reader.unsigned(this.addressBytes)
      if (from === 0 && to === 0) break
      if (from === NO_ADDRESS) base = to
      else if (from < to) found.push([base + from, base + to])
    }
    return found
  }

  /** `.debug_rnglists` (DWARF 5, section 2.17.3). */
  private rangeList(list: FormValue): AddressRange[] {
    const { rnglists } = this.sections
    if (rnglists === undefined) return []
    const found: AddressRange[] = []
    const reader = new ByteReader(rnglists, this.rangeListOffset(list, rnglists))
    let base = this.address(this.root.get(DW_AT.lowPc)) ?? 0
    const indexed = () => this.indexedAddress(reader.uleb())
    const plain = () => reader.unsigned(this.addressBytes)
    const add = (from: number, to: number) => from < to && found.push([from, to])
    while (reader.at < reader.length) {
      const kind = reader.u8()
      if (kind === RANGE.baseIndex) base = indexed()
      else if (kind === RANGE.base) base = plain()
      else if (kind === RANGE.offsets) add(base + reader.uleb(), base + reader.uleb())
      else if (kind === RANGE.startEndIndex) add(indexed(), indexed())
      else if (kind === RANGE.startEnd) add(plain(), plain())
      else if (kind === RANGE.startLengthIndex || kind === RANGE_START_LENGTH) {
        const from = kind === RANGE_START_LENGTH ? plain() : indexed()
        add(from, from + reader.uleb())
      } else break
    }
    return found
  }

  private rangeListOffset(list: FormValue, rnglists: Uint8Array): number {
    if (typeof list !== 'object') return Number(list)
    const base = this.base(DW_AT.rnglistsBase, 12)
    return base + new ByteReader(rnglists, base + 4 * list.index).u32()
  }
}

/** What entries of a unit are made of, by code. */
function readAbbreviations(section: Uint8Array, offset: number): ReadonlyMap<number, Abbreviation> {
  const found = new Map<number, Abbreviation>()
  const reader = new ByteReader(section, offset)
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb()
    const children = reader.u8() !== 0
    const attributes: { name: number; form: number; constant: number }[] = []
    for (;;) {
      const name = reader.uleb()
      const form = reader.uleb()
      const constant = form === FORM_IMPLICIT_CONST ? reader.sleb() : 0
      if (name === 0 && form === 0) break
      attributes.push({ name, form, constant })
    }
    found.set(code, { tag, children, attributes })
  }
  return found
}
