import { UserError } from '../diagnostic.ts'

const HEADER_BYTES = 52
const PROGRAM_HEADER_BYTES = 32
const SECTION_HEADER_BYTES = 40
const SYMBOL_BYTES = 16
const RELOCATION_BYTES = 8
const MACHINE_RISCV = 243
const TYPE_EXECUTABLE = 2
const SECTION_NOBITS = 8
/** Bytes of one entry in section types that elfinfo walks entry by entry: symbols, relocations, dynamic symbols. */
const ENTRY_BYTES: Readonly<Record<number, number>> = {
  2: SYMBOL_BYTES,
  4: RELOCATION_BYTES,
  9: RELOCATION_BYTES,
  11: SYMBOL_BYTES,
}

/**
 * Checks that `bytes` is a 32-bit little-endian RISC-V executable (System V ABI, chapter 4) whose header
 * tables, segments and sections all lie inside the file.
 */
export function checkLayout(bytes: Uint8Array, file: string): void {
  const refuse = (code: string, message: string, hint: string): never => {
    throw new UserError(code, message, hint, { file })
  }
  const damaged = (what: string) =>
    refuse('elf-damaged', `the ELF file is damaged or cut off: ${what}`, 'build it again')
  if (bytes.length < 20 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) {
    refuse('elf-magic', 'this is not an ELF file', 'give the linked firmware, not a source, object or raw binary file')
  }
  if (bytes[4] === 2) refuse('elf-class', 'this is a 64-bit ELF file', 'build for 32 bits (-march=rv32im -mabi=ilp32)')
  if (bytes[5] === 2) refuse('elf-endianness', 'this ELF file is big-endian', 'build for little-endian RISC-V')
  if (bytes[4] !== 1 || bytes[5] !== 1 || bytes[6] !== 1) damaged('its identification bytes are invalid')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u16 = (offset: number) => view.getUint16(offset, true)
  const u32 = (offset: number) => view.getUint32(offset, true)
  if (u16(18) !== MACHINE_RISCV) {
    refuse('elf-machine', `this ELF file is for machine ${u16(18)}, not RISC-V`, 'build it with a RISC-V compiler')
  }
  if (bytes.length <= HEADER_BYTES) damaged('it ends inside its header')
  if (u16(16) !== TYPE_EXECUTABLE) {
    refuse('elf-type', 'this ELF file is not an executable', 'link it statically at a fixed address')
  }
  if (u16(40) !== HEADER_BYTES) damaged('its header size is wrong')

  const table = (what: string, offset: number, entries: number, entryBytes: number, least: number): number[] => {
    if (entries === 0) return []
    const fits = offset >= HEADER_BYTES && entryBytes >= least && entryBytes <= 0xff
    if (!fits || offset + entries * entryBytes > bytes.length) damaged(`its ${what} table lies outside the file`)
    return Array.from({ length: entries }, (_, index) => offset + index * entryBytes)
  }
  for (const at of table('program header', u32(28), u16(44), u16(42), PROGRAM_HEADER_BYTES)) {
    if (u32(at + 4) + u32(at + 16) > bytes.length) damaged('a segment lies outside the file')
    if (u32(at) === 1 && u32(at + 16) > u32(at + 20)) damaged('a segment is larger in the file than in memory')
  }
  for (const at of table('section header', u32(32), u16(48), u16(46), SECTION_HEADER_BYTES)) {
    const type = u32(at + 4)
    if (type === 0 || type === SECTION_NOBITS) continue
    if (u32(at + 16) + u32(at + 20) > bytes.length) damaged('a section lies outside the file')
    const entryBytes = ENTRY_BYTES[type]
    if (entryBytes !== undefined && u32(at + 20) > 0 && u32(at + 36) < entryBytes)
      damaged('a table has entries of no size')
  }
}
