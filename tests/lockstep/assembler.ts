import { asm } from '../sim/guest.ts'

/** A place in a program, known once the program is complete. */
export interface Label {
  half: number
}

interface Fixup {
  readonly half: number
  readonly label: Label
  readonly encode: (distance: number) => readonly number[]
}

/** Collects instructions of 16 and 32 bits, with jumps to labels. */
export class Assembler {
  private readonly halves: number[] = []
  private readonly fixups: Fixup[] = []

  /** Bytes so far. */
  get length(): number {
    return this.halves.length * 2
  }

  label(): Label {
    return { half: -1 }
  }

  place(label: Label): void {
    label.half = this.halves.length
  }

  here(): Label {
    return { half: this.halves.length }
  }

  word(...words: readonly number[]): void {
    for (const word of words) this.halves.push(word & 0xffff, word >>> 16)
  }

  half(value: number): void {
    this.halves.push(value)
  }

  branch(name: string, rs1: number, rs2: number, label: Label): void {
    this.later(label, 1, (imm) => [asm(name, { rs1, rs2, imm })])
  }

  jump(rd: number, label: Label): void {
    this.later(label, 1, (imm) => [asm('jal', { rd, imm })])
  }

  /** A far call or jump, as linkers leave it: auipc and jalr. */
  farJump(rd: number, scratch: number, label: Label): void {
    this.later(label, 2, (distance) => {
      const low = (distance << 20) >> 20
      return [asm('auipc', { rd: scratch, imm: distance - low }), asm('jalr', { rd, rs1: scratch, imm: low })]
    })
  }

  /** rd = address of the label. */
  address(rd: number, label: Label): void {
    this.later(label, 2, (distance) => {
      const low = (distance << 20) >> 20
      return [asm('auipc', { rd, imm: distance - low }), asm('addi', { rd, rs1: rd, imm: low })]
    })
  }

  /** The program's bytes. @throws RangeError when a branch is too far away */
  bytes(): Uint8Array {
    for (const { half, label, encode } of this.fixups) {
      const words = encode((label.half - half) * 2)
      words.forEach((word, index) => {
        this.halves[half + index * 2] = word & 0xffff
        this.halves[half + index * 2 + 1] = word >>> 16
      })
    }
    return new Uint8Array(Uint16Array.from(this.halves).buffer)
  }

  private later(label: Label, words: number, encode: (distance: number) => readonly number[]): void {
    this.fixups.push({ half: this.halves.length, label, encode })
    this.word(...new Array<number>(words).fill(0))
  }
}
