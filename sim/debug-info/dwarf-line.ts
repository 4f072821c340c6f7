/** Line number programs of DWARF 2 to 5, 32-bit format (DWARF 5, section 6.2). */
import { ByteReader } from './byte-reader.ts'
import { type DwarfSections, plainText, readForm } from './dwarf-form.ts'

/** A place in a source file. */
export interface SourcePlace {
  readonly file: string
  readonly line: number
}

/** One line number program: its files, and the rows that it makes. */
export interface LineProgram {
  /** Names as the rows count them: from 1 up to version 4, from 0 in version 5. */
  readonly files: readonly string[]
  readonly sequences: readonly LineSequence[]
}

/** Code without gaps, ascending; a row holds up to the next one, the last up to `end`. */
export interface LineSequence {
  readonly start: number
  readonly end: number
  readonly rows: readonly { readonly address: number; readonly file: number; readonly line: number }[]
}

/** What the programs need of their header. */
interface Header {
  readonly minimumLength: number
  readonly lineBase: number
  readonly lineRange: number
  readonly opcodeBase: number
  /** Operands of the standard opcodes, from opcode 1. */
  readonly operands: readonly number[]
  readonly files: readonly string[]
}

const DWARF_64 = 0xffff_ffff
const DW_LNS = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, constAddPc: 8, fixedAdvancePc: 9 } as const
const DW_LNE = { endSequence: 1, setAddress: 2 } as const
const DW_LNCT = { path: 1, directory: 2 } as const

/** All line programs of a file, by their offset in `.debug_line`; what cannot be read is left out. */
export function readLinePrograms(sections: DwarfSections): ReadonlyMap<number, LineProgram> {
  const programs = new Map<number, LineProgram>()
  const reader = new ByteReader(sections.line)
  while (reader.at + 4 < reader.length) {
    const offset = reader.at
    const length = reader.u32()
    if (length >= DWARF_64 - 0xf) break
    const end = Math.min(reader.at + length, reader.length)
    const header = readHeader(reader, sections)
    if (header !== undefined) programs.set(offset, { files: header.files, sequences: runProgram(reader, end, header) })
    reader.at = end
  }
  return programs
}

/** Leaves the reader at the first opcode. */
function readHeader(reader: ByteReader, sections: DwarfSections): Header | undefined {
  const version = reader.u16()
  if (version < 2 || version > 5) return undefined
  const addressBytes = version >= 5 ? reader.u8() : 4
  if (version >= 5) reader.skip(1)
  const headerLength = reader.u32()
  const program = reader.at + headerLength
  const minimumLength = reader.u8()
  if (version >= 4) reader.skip(1)
  reader.skip(1)
  const lineBase = reader.i8()
  const lineRange = reader.u8()
  const opcodeBase = reader.u8()
  const operands = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8())
  const files = version >= 5 ? entryFiles(reader, sections, addressBytes) : oldFiles(reader)
  reader.at = program
  return { minimumLength, lineBase, lineRange, opcodeBase, operands, files }
}

/** Up to version 4: directories and files end with an empty name; directory 0, that of the compilation, is implied. */
function oldFiles(reader: ByteReader): string[] {
  const directories = ['']
  for (let name = reader.text(); name !== ''; name = reader.text()) directories.push(name)
  const files = ['']
  for (let name = reader.text(); name !== ''; name = reader.text()) {
    files.push(joinPath(directories[reader.uleb()] ?? '', name))
    reader.uleb()
    reader.uleb()
  }
  return files
}

/** Version 5: tables that describe their own columns. */
function entryFiles(reader: ByteReader, sections: DwarfSections, addressBytes: number): string[] {
  const directories = entryTable(reader, sections, addressBytes).map(({ path }) => path)
  const [first = ''] = directories
  const folder = (index: number) => (index === 0 ? first : joinPath(first, directories[index] ?? ''))
  return entryTable(reader, sections, addressBytes).map(({ path, directory }) => joinPath(folder(directory), path))
}

function entryTable(reader: ByteReader, sections: DwarfSections, addressBytes: number) {
  const columns = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }))
  // An entry takes a byte or more; what damaged data claims beyond that is not there.
  const count = Math.min(reader.uleb(), reader.length)
  const entries: { path: string; directory: number }[] = []
  for (let i = 0; i < count && reader.at < reader.length; i++) {
    const entry = { path: '', directory: 0 }
    for (const { content, form } of columns) {
      const value = readForm(reader, form, { addressBytes, unit: 0 })
      if (content === DW_LNCT.path) entry.path = plainText(value, sections) ?? ''
      if (content === DW_LNCT.directory && typeof value === 'number') entry.directory = value
    }
    entries.push(entry)
  }
  return entries
}

/** `folder/name` without `.` and with `..` resolved; an absolute name stands for itself. */
function joinPath(folder: string, name: string): string {
  const whole = name.startsWith('/') || folder === '' ? name : `${folder}/${name}`
  const parts: string[] = []
  for (const part of whole.split('/')) {
    if (part === '.' || part === '') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return (whole.startsWith('/') ? '/' : '') + parts.join('/')
}

/** The registers of the line number machine. */
interface State {
  address: number
  file: number
  line: number
}

/** Runs the opcodes up to `end`. Statements, blocks and columns are not kept. */
function runProgram(reader: ByteReader, end: number, header: Header): LineSequence[] {
  const sequences: LineSequence[] = []
  let state: State = { address: 0, file: 1, line: 1 }
  let rows: State[] = []
  const { minimumLength, lineRange, lineBase, opcodeBase } = header
  const advance = (adjusted: number) => {
    if (lineRange > 0) state.address += Math.floor(adjusted / lineRange) * minimumLength
  }
  while (reader.at < end) {
    const opcode = reader.u8()
    if (opcode >= opcodeBase) {
      advance(opcode - opcodeBase)
      state.line += lineBase + ((opcode - opcodeBase) % lineRange)
      rows.push({ ...state })
    } else if (opcode === 0) {
      const next = reader.uleb() + reader.at
      const extended = reader.u8()
      if (extended === DW_LNE.setAddress) state.address = reader.unsigned(next - reader.at)
      if (extended === DW_LNE.endSequence) {
        if (rows.length > 0) sequences.push({ start: rows[0]!.address, end: state.address, rows })
        state = { address: 0, file: 1, line: 1 }
        rows = []
      }
      reader.at = next
    } else if (opcode === DW_LNS.copy) rows.push({ ...state })
    else if (opcode === DW_LNS.advancePc) state.address += reader.uleb() * minimumLength
    else if (opcode === DW_LNS.advanceLine) state.line += reader.sleb()
    else if (opcode === DW_LNS.setFile) state.file = reader.uleb()
    else if (opcode === DW_LNS.constAddPc) advance(255 - opcodeBase)
    else if (opcode === DW_LNS.fixedAdvancePc) state.address += reader.u16()
    else for (let i = 0; i < (header.operands[opcode - 1] ?? 0); i++) reader.uleb()
  }
  return sequences
}
