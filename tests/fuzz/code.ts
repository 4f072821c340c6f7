import { encode, type Operands } from '../../sim/cpu/instructions/encode.ts'
import type { InstructionRow } from '../../sim/cpu/instructions/row.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'

const rows = new Map(instructionTable.map((row) => [row.name, row]))

/** Machine code as it grows: half-words, and helpers to write them by name. */
export class Code {
  readonly halves: number[] = []

  get bytes(): number {
    return this.halves.length * 2
  }

  half(half: number): this {
    this.halves.push(half & 0xffff)
    return this
  }

  word(word: number): this {
    return this.half(word).half(word >>> 16)
  }

  asm(name: string, operands: Operands = {}): this {
    return this.word(encode(rowOf(name), operands))
  }

  /** rd = any constant, in two instructions. */
  li(rd: number, value: number): this {
    const low = (value << 20) >> 20
    return this.asm('lui', { rd, imm: (value - low) | 0 }).asm('addi', { rd, rs1: rd, imm: low })
  }

  append(code: Code): this {
    for (const half of code.halves) this.halves.push(half)
    return this
  }
}

/** @throws Error when there is no such instruction */
function rowOf(name: string): InstructionRow {
  const row = rows.get(name)
  if (row === undefined) throw new Error(`no instruction is called ${name}`)
  return row
}
