import { UserError } from '../diagnostic.ts'
import { archAttribute } from './attributes.ts'
import { checkLayout } from './check-layout.ts'
import type { ElfImage, ElfSegment } from './image.ts'
import { type ProgramSymbol, SymbolTable } from './symbols.ts'

const LOAD = 1
const EXECUTABLE = 1
const SECTION_ATTRIBUTES = 0x7000_0003
const SYMBOL_OBJECT = 1
const SYMBOL_FUNCTION = 2

/**
 * Reads a bare-metal RISC-V program. The header and every table are checked before elfinfo parses
 * them, because elfinfo itself follows whatever sizes a damaged file claims.
 *
 * @param bytes the whole file
 * @param name file name, for messages
 * @throws UserError when this is not a 32-bit little-endian RISC-V executable, or is damaged
 */
export async function loadElf(bytes: Uint8Array, name: string): Promise<ElfImage> {
  checkLayout(bytes, name)
  const { open } = await import('elfinfo')
  const { elf, errors } = await open(bytes)
  if (elf === undefined || elf === null) {
    throw new UserError('elf-damaged', `the ELF file is damaged (${errors.join(', ')})`, 'build it again', {
      file: name,
    })
  }
  const attributes = elf.sections.find((section) => Number(section.type) === SECTION_ATTRIBUTES)
  const segments: ElfSegment[] = elf.segments
    .filter((segment) => Number(segment.type) === LOAD && Number(segment.memsz) > 0)
    .map((segment) => ({
      address: Number(segment.paddr),
      bytes: bytes.subarray(Number(segment.offset), Number(segment.offset) + Number(segment.filesz)),
      memorySize: Number(segment.memsz),
      executable: (Number(segment.flags) & EXECUTABLE) !== 0,
    }))
  if (segments.length === 0) {
    throw new UserError('elf-empty', 'the ELF file has nothing to load', 'link it with a linker script', { file: name })
  }
  const symbols = elf.sections.flatMap((section) => ('symbols' in section ? (section.symbols as RawSymbol[]) : []))
  return {
    name,
    entry: Number(elf.entryPoint),
    segments,
    symbols: new SymbolTable(symbols.flatMap(programSymbol)),
    flags: elf.flags,
    arch:
      attributes === undefined
        ? undefined
        : archAttribute(bytes.subarray(attributes.offset, attributes.offset + attributes.size)),
  }
}

interface RawSymbol {
  readonly name: string
  readonly value: number | bigint
  readonly size: number
  readonly type: number
  readonly shndx: number
}

/** A symbol with an address in the program; mapping symbols (`$x`), local labels and files are left out. */
function programSymbol(symbol: RawSymbol): ProgramSymbol[] {
  const hidden = symbol.name === '' || symbol.name.startsWith('$') || symbol.name.startsWith('.L')
  const undefinedSection = symbol.shndx === 0
  if (hidden || undefinedSection || symbol.type > SYMBOL_FUNCTION) return []
  const kind = symbol.type === SYMBOL_FUNCTION ? 'function' : symbol.type === SYMBOL_OBJECT ? 'object' : 'label'
  return [{ name: symbol.name, address: Number(symbol.value), size: symbol.size, kind }]
}
