import { UserError } from '../diagnostic.ts'
import { archAttribute } from './attributes.ts'
import { checkLayout } from './check-layout.ts'
import type { ElfImage, ElfSegment } from './image.ts'
import { readSymbols } from './read-symbols.ts'
import { bytesBeforeSections, readSections, SECTION_ATTRIBUTES, type Section, unloadedSections } from './sections.ts'
import { SymbolTable } from './symbols.ts'

const LOAD = 1
const EXECUTABLE = 1
const WRITABLE = 2

/**
 * Reads a bare-metal RISC-V program (System V ABI, chapters 4 and 5).
 *
 * @param bytes the whole file
 * @param name file name, for messages
 * @throws UserError when this is not a 32-bit little-endian RISC-V executable, or is damaged
 */
export async function loadElf(bytes: Uint8Array, name: string): Promise<ElfImage> {
  checkLayout(bytes, name)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sections = readSections(bytes)
  const segments = readSegments(bytes, sections)
  if (segments.length === 0) {
    throw new UserError('elf-empty', 'the ELF file has nothing to load', 'link it with a linker script', { file: name })
  }
  const attributes = sections.find((section) => section.type === SECTION_ATTRIBUTES)
  return {
    name,
    entry: view.getUint32(24, true),
    segments,
    symbols: new SymbolTable(readSymbols(bytes, sections)),
    flags: view.getUint32(36, true),
    arch: attributes && archAttribute(bytes.subarray(attributes.offset, attributes.offset + attributes.size)),
    sections: await unloadedSections(bytes, sections),
  }
}

/** What the program headers say is to be loaded. */
function readSegments(bytes: Uint8Array, sections: readonly Section[]): ElfSegment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const table = view.getUint32(28, true)
  const entryBytes = view.getUint16(42, true)
  return Array.from({ length: view.getUint16(44, true) }, (_, index) => table + index * entryBytes)
    .map((header) => (word: number) => view.getUint32(header + word * 4, true))
    .filter((word) => word(0) === LOAD && word(5) > 0)
    .map((word) => {
      const [offset, address, fileSize, memorySize, flags] = [word(1), word(3), word(4), word(5), word(6)]
      return {
        address,
        bytes: bytes.subarray(offset, offset + fileSize),
        memorySize,
        headerBytes: offset === 0 ? bytesBeforeSections(sections, fileSize) : 0,
        executable: (flags & EXECUTABLE) !== 0,
        writable: (flags & WRITABLE) !== 0,
      }
    })
}
