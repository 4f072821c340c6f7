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

  /** Writes a control register from a general one. */
  setControl(address: number, rs1: number): this {
    return this.asm('csrrw', { rs1, imm: address })
  }

  /** rd = the address `distance` bytes after the first of these two instructions. */
  address(rd: number, distance: number): this {
    return this.asm('auipc', { rd }).asm('addi', { rd, rs1: rd, imm: distance })
  }

  append(code: Code): this {
    for (const half of code.halves) this.halves.push(half)
    return this
  }

  /** A branch whose target follows later: call what is returned where it goes. */
  branchAhead(name: string, rs1: number, rs2: number): () => void {
    const at = this.halves.length
    this.asm(name, { rs1, rs2 })
    return () => {
      const word = encode(rowOf(name), { rs1, rs2, imm: (this.halves.length - at) * 2 })
      this.halves[at] = word & 0xffff
      this.halves[at + 1] = word >>> 16
    }
  }
}

/** @throws Error when there is no such instruction */
function rowOf(name: string): InstructionRow {
  const row = rows.get(name)
  if (row === undefined) throw new Error(`no instruction is called ${name}`)
  return row
}
