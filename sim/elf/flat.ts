import { UserError } from '../diagnostic.ts'
import type { ElfImage } from './image.ts'
import { SymbolTable } from './symbols.ts'

/** A raw binary that is loaded, and entered, at `address`. */
export function flatImage(address: number, bytes: Uint8Array, name: string): ElfImage {
  if (bytes.length === 0) throw new UserError('load-empty', 'the file is empty', 'give a raw binary', { file: name })
  return {
    name,
    entry: address,
    segments: [{ address, bytes, memorySize: bytes.length, executable: true, writable: true }],
    symbols: new SymbolTable([]),
    flags: 0,
    arch: undefined,
  }
}
