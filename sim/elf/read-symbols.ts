import { SECTION_SYMBOLS, type Section, stringAt } from './sections.ts'
import type { ProgramSymbol } from './symbols.ts'

const SYMBOL_BYTES = 16
const UNDEFINED = 0
/** Symbol types; later ones (sections, files) are no addresses of the program. */
const KINDS: readonly ProgramSymbol['kind'][] = ['label', 'object', 'function']

/**
 * Names with an address in the program (System V ABI, chapter 4). Mapping symbols (`$x`), local labels (`.L`),
 * sections and files are left out; a table that makes no sense gives no symbols.
 */
export function readSymbols(bytes: Uint8Array, sections: readonly Section[]): ProgramSymbol[] {
  const table = sections.find((section) => section.type === SECTION_SYMBOLS)
  const strings = table === undefined ? undefined : sections[table.link]
  if (table === undefined || strings === undefined) return []
  const view = new DataView(bytes.buffer, bytes.byteOffset + table.offset, table.size)
  const names = bytes.subarray(strings.offset, strings.offset + strings.size)
  const symbols: ProgramSymbol[] = []
  for (let at = 0; at + SYMBOL_BYTES <= table.size; at += SYMBOL_BYTES) {
    const kind = KINDS[view.getUint8(at + 12) & 0xf]
    if (kind === undefined || view.getUint16(at + 14, true) === UNDEFINED) continue
    const name = stringAt(names, view.getUint32(at, true))
    if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue
    symbols.push({ name, address: view.getUint32(at + 4, true), size: view.getUint32(at + 8, true), kind })
  }
  return symbols
}
