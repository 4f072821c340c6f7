import { UserError } from '../diagnostic.ts'
import { readSections, SECTION_NO_BITS, SECTION_NULL } from './sections.ts'

const HEADER_BYTES = 52
const PROGRAM_HEADER_BYTES = 32
const SECTION_HEADER_BYTES = 40
const MOST_ENTRY_BYTES = 0xff
const MACHINE_RISCV = 243
const TYPE_RELOCATABLE = 1
const TYPE_EXECUTABLE = 2
/** Position-independent: runs where it was linked, or moves itself. Shared objects are of this type too. */
const TYPE_DYNAMIC = 3
const SEGMENT_LOAD = 1
const SEGMENT_INTERPRETER = 3

/**
 * Checks that `bytes` is a 32-bit little-endian RISC-V executable (System V ABI, chapter 4) whose header
 * tables, segments and sections all lie inside the file.
 *
 * @throws UserError that says what is wrong
 */
export function checkLayout(bytes: Uint8Array, file: string): void {
  checkKind(bytes, file)
  const damaged = damagedIn(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u16 = (offset: number) => view.getUint16(offset, true)
  const u32 = (offset: number) => view.getUint32(offset, true)
  const checkTable = (what: string, at: { offset: number; entries: number; entryBytes: number; least: number }) => {
    if (at.entries === 0) return
    const fits = at.offset >= HEADER_BYTES && at.entryBytes >= at.least && at.entryBytes <= MOST_ENTRY_BYTES
    if (!fits || at.offset + at.entries * at.entryBytes > bytes.length) damaged(`its ${what} table lies outside`)
  }
  const programHeaders = { offset: u32(28), entries: u16(44), entryBytes: u16(42), least: PROGRAM_HEADER_BYTES }
  checkTable('program header', programHeaders)
  checkTable('section header', { offset: u32(32), entries: u16(48), entryBytes: u16(46), least: SECTION_HEADER_BYTES })
  for (let index = 0; index < programHeaders.entries; index++) {
    const at = programHeaders.offset + index * programHeaders.entryBytes
    if (u32(at) === SEGMENT_INTERPRETER) {
      const hint = 'link it statically (-static, without -pie)'
      throw new UserError('elf-dynamic', 'this ELF file needs an operating system to link it', hint, { file })
    }
    if (u32(at + 4) + u32(at + 16) > bytes.length) damaged('a segment lies outside')
    if (u32(at) === SEGMENT_LOAD && u32(at + 16) > u32(at + 20)) damaged('a segment has more bytes than memory')
  }
  for (const { type, offset, size } of readSections(bytes)) {
    const empty = type === SECTION_NULL || type === SECTION_NO_BITS
    if (!empty && offset + size > bytes.length) damaged('a section lies outside')
  }
}

/** What kind of file it is, as its header says. */
function checkKind(bytes: Uint8Array, file: string): void {
  const refuse = (code: string, message: string, hint: string) => {
    throw new UserError(code, message, hint, { file })
  }
  const damaged = damagedIn(file)
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
  if (!isElf || bytes.length < 20) {
    refuse('elf-magic', 'this is not an ELF file', 'give the linked firmware, not a source, object or raw binary file')
  }
  if (bytes[4] === 2) refuse('elf-class', 'this is a 64-bit ELF file', 'build for 32 bits (-march=rv32im -mabi=ilp32)')
  if (bytes[5] === 2) refuse('elf-endianness', 'this ELF file is big-endian', 'build for little-endian RISC-V')
  if (bytes[4] !== 1 || bytes[5] !== 1 || bytes[6] !== 1) damaged('its identification bytes are invalid')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const machine = view.getUint16(18, true)
  if (machine !== MACHINE_RISCV) {
    refuse('elf-machine', `this ELF file is for machine ${machine}, not RISC-V`, 'build it with a RISC-V compiler')
  }
  if (bytes.length <= HEADER_BYTES) damaged('it ends inside its header')
  const type = view.getUint16(16, true)
  if (type === TYPE_RELOCATABLE) refuse('elf-type', 'this ELF file is an object that was not linked', 'link it')
  if (type !== TYPE_EXECUTABLE && type !== TYPE_DYNAMIC) {
    refuse('elf-type', 'this ELF file is not an executable', 'give the linked firmware')
  }
  if (view.getUint16(40, true) !== HEADER_BYTES) damaged('its header size is wrong')
}

function damagedIn(file: string): (what: string) => void {
  return (what) => {
    throw new UserError('elf-damaged', `the ELF file is damaged or cut off: ${what}`, 'build it again', { file })
  }
}
