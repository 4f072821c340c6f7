import { open } from 'elfinfo'
import { UserError } from '../diagnostic.ts'
import { archAttribute } from './attributes.ts'
import { checkLayout } from './check-layout.ts'
import type { ElfImage, ElfSegment } from './image.ts'
import { readSymbols } from './read-symbols.ts'
import {
  bytesBeforeSections,
  readSections,
  SECTION_ATTRIBUTES,
  unloadedSections,
  withOpaqueSections,
} from './sections.ts'
import { SymbolTable } from './symbols.ts'

const LOAD = 1
const EXECUTABLE = 1
const WRITABLE = 2

/**
 * Reads a bare-metal RISC-V program. elfinfo reads header and segments; what it lacks stands here: checks that
 * everything lies inside the file, attributes, and symbols in linear time.
 *
 * @param bytes the whole file
 * @param name file name, for messages
 * @throws UserError when this is not a 32-bit little-endian RISC-V executable, or is damaged
 */
export async function loadElf(bytes: Uint8Array, name: string): Promise<ElfImage> {
  checkLayout(bytes, name)
  const sections = readSections(bytes)
  const { elf, errors } = await open(withOpaqueSections(bytes, sections))
  if (elf === undefined || elf === null) {
    const message = `the ELF file is damaged (${errors.join(', ')})`
    throw new UserError('elf-damaged', message, 'build it again', { file: name })
  }
  const segments: ElfSegment[] = elf.segments
    .filter((segment) => Number(segment.type) === LOAD && Number(segment.memsz) > 0)
    .map((segment) => ({
      address: Number(segment.paddr),
      bytes: bytes.subarray(Number(segment.offset), Number(segment.offset) + Number(segment.filesz)),
      memorySize: Number(segment.memsz),
      headerBytes: Number(segment.offset) === 0 ? bytesBeforeSections(sections, Number(segment.filesz)) : 0,
      executable: (Number(segment.flags) & EXECUTABLE) !== 0,
      writable: (Number(segment.flags) & WRITABLE) !== 0,
    }))
  if (segments.length === 0) {
    throw new UserError('elf-empty', 'the ELF file has nothing to load', 'link it with a linker script', { file: name })
  }
  const attributes = sections.find((section) => section.type === SECTION_ATTRIBUTES)
  return {
    name,
    entry: Number(elf.entryPoint),
    segments,
    symbols: new SymbolTable(readSymbols(bytes, sections)),
    flags: elf.flags,
    arch: attributes && archAttribute(bytes.subarray(attributes.offset, attributes.offset + attributes.size)),
    sections: await unloadedSections(bytes, sections),
  }
}
