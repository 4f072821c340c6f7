import type { ElfSection } from './image.ts'

/** Section types (System V ABI, chapter 4; RISC-V ELF psABI, section 8.3). */
export const SECTION_NULL = 0
const SECTION_PROGRAM = 1
export const SECTION_SYMBOLS = 2
const SECTION_STRINGS = 3
export const SECTION_NO_BITS = 8
export const SECTION_ATTRIBUTES = 0x7000_0003

/** Section flags. */
const FLAG_ALLOCATED = 0x2
const FLAG_COMPRESSED = 0x800

/** One section header. */
export interface Section {
  /** Where the header itself lies in the file. */
  readonly header: number
  /** Offset of its name in the section of names. */
  readonly name: number
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly size: number
  /** Index of the section that belongs to this one: a symbol table's names. */
  readonly link: number
}

/** The section headers of a file whose header table lies inside it. */
export function readSections(bytes: Uint8Array): Section[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const table = view.getUint32(32, true)
  const entryBytes = view.getUint16(46, true)
  return Array.from({ length: view.getUint16(48, true) }, (_, index) => {
    const header = table + index * entryBytes
    const word = (offset: number) => view.getUint32(header + offset, true)
    const [type, flags] = [word(4), word(8)]
    return { header, name: word(0), type, flags, offset: word(16), size: word(20), link: word(24) }
  })
}

/**
 * How many bytes stand before the first section of a segment with the file's first `size` bytes: linkers put the file's
 * headers into the first segment when nothing keeps them from it.
 */
export function bytesBeforeSections(sections: readonly Section[], size: number): number {
  const starts = sections
    .filter(({ type, flags }) => type !== SECTION_NULL && type !== SECTION_NO_BITS && (flags & FLAG_ALLOCATED) !== 0)
    .map(({ offset }) => offset)
  return starts.length === 0 ? 0 : Math.min(size, ...starts)
}

/** Contents of the sections that are not loaded, by name. */
export async function unloadedSections(
  bytes: Uint8Array,
  sections: readonly Section[],
): Promise<ReadonlyMap<string, ElfSection>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names = sections[view.getUint16(50, true)]
  if (names === undefined || names.type !== SECTION_STRINGS) return new Map()
  const strings = bytes.subarray(names.offset, names.offset + names.size)
  const unloaded = sections.filter(({ type, flags }) => type === SECTION_PROGRAM && (flags & FLAG_ALLOCATED) === 0)
  const isCompressed = ({ flags }: Section) => (flags & FLAG_COMPRESSED) !== 0
  // Few files need it, and loading it takes several milliseconds.
  const inflate = unloaded.some(isCompressed) ? (await import('fflate')).unzlibSync : undefined
  return new Map(
    unloaded.map((section) => [
      stringAt(strings, section.name),
      {
        bytes: bytes.subarray(section.offset, section.offset + section.size),
        ...(inflate && isCompressed(section) && { inflate: (compressed: Uint8Array) => inflate(compressed) }),
      },
    ]),
  )
}

/**
 * A copy of the file in which no section has a type that elfinfo reads the contents of: it takes quadratic time for
 * names of symbols (half a second for 4,000), and time in proportion to what a damaged file claims.
 */
export function withOpaqueSections(bytes: Uint8Array, sections: readonly Section[]): Uint8Array {
  // Not slice: that of a Buffer is no copy.
  const copy = Uint8Array.from(bytes)
  const view = new DataView(copy.buffer)
  for (const { header, type } of sections) if (type !== SECTION_NULL) view.setUint32(header + 4, SECTION_PROGRAM, true)
  return copy
}

const decoder = new TextDecoder()

/** Text in a section of strings; empty outside of it. */
export function stringAt(strings: Uint8Array, offset: number): string {
  const end = strings.indexOf(0, offset)
  return offset >= strings.length ? '' : decoder.decode(strings.subarray(offset, end < 0 ? strings.length : end))
}
