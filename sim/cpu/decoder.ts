import { expandCompressed } from './instructions/compressed.ts'
import type { Extension, Format, InstructionRow } from './instructions/row.ts'
import { instructionTable } from './instructions/table.ts'

/** An instruction with its operands. */
export interface Decoded {
  readonly row: InstructionRow
  /** Index of the row in the instruction table. */
  readonly index: number
  readonly rd: number
  readonly rs1: number
  readonly rs2: number
  /** Sign-extended immediate; shift amount; CSR number for the CSR instructions. */
  readonly imm: number
  /** The encoding: 16 bits of a compressed instruction, else 32. */
  readonly raw: number
  /** Bytes of the encoding. */
  readonly length: 2 | 4
}

/** Decoded encodings are kept up to this many, so that code which writes code cannot grow it without bound. */
const CACHE_ENTRIES = 1 << 16

/** Finds the row of an encoding among the instructions that a hart has. */
export class Decoder {
  private readonly compressed: boolean
  /** Rows by major opcode (low 7 bits). */
  private readonly rows: { readonly row: InstructionRow; readonly index: number }[][] = []
  private readonly cache = new Map<number, Decoded | undefined>()

  constructor(extensions: ReadonlySet<Extension>) {
    this.compressed = extensions.has('c')
    instructionTable.forEach((row, index) => {
      if (!extensions.has(row.extension)) return
      const list = (this.rows[row.match & 0x7f] ??= [])
      list.push({ row, index })
    })
  }

  /**
   * @param raw the encoding; only its low 16 bits count when those are a compressed instruction
   * @returns undefined for an illegal instruction
   */
  decode(raw: number): Decoded | undefined {
    const word = (raw & 3) === 3 ? raw | 0 : raw & 0xffff
    if (this.cache.has(word)) return this.cache.get(word)
    const decoded = (word & 3) === 3 ? this.decodeWord(word, word, 4) : this.decodeHalf(word)
    if (this.cache.size >= CACHE_ENTRIES) this.cache.clear()
    this.cache.set(word, decoded)
    return decoded
  }

  private decodeHalf(half: number): Decoded | undefined {
    const word = this.compressed ? expandCompressed(half) : undefined
    return word === undefined ? undefined : this.decodeWord(word, half, 2)
  }

  private decodeWord(word: number, raw: number, length: 2 | 4): Decoded | undefined {
    const found = this.rows[word & 0x7f]?.find(({ row }) => (word & row.mask) === row.match)
    if (found === undefined) return undefined
    return {
      row: found.row,
      index: found.index,
      rd: hasDestination(found.row.format) ? (word >>> 7) & 31 : 0,
      rs1: (word >>> 15) & 31,
      rs2: (word >>> 20) & 31,
      imm: immediate(found.row.format, word),
      raw,
      length,
    }
  }
}

function hasDestination(format: Format): boolean {
  return format !== 'S' && format !== 'B' && format !== 'none'
}

/** Immediate operand of an encoding (RISC-V unprivileged ISA, section 2.3). */
function immediate(format: Format, w: number): number {
  switch (format) {
    case 'I':
    case 'load':
    case 'jalr':
      return w >> 20
    case 'S':
      return ((w >> 25) << 5) | ((w >>> 7) & 31)
    case 'B':
      return ((w >> 31) << 12) | ((w & 0x80) << 4) | ((w >>> 20) & 0x7e0) | ((w >>> 7) & 0x1e)
    case 'U':
      return w & ~0xfff
    case 'J':
      return ((w >> 31) << 20) | (w & 0xff000) | ((w >>> 9) & 0x800) | ((w >>> 20) & 0x7fe)
    case 'shift':
      return (w >>> 20) & 31
    case 'csr':
    case 'csri':
      return w >>> 20
    default:
      return 0
  }
}
