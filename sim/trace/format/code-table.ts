/** The code that a trace has shown so far, decoded, with what each instruction did the last time. */
import { Decoder } from '../../cpu/decoder.ts'
import type { Expression } from '../../cpu/instructions/semantics.ts'
import { instructionTable } from '../../cpu/instructions/table.ts'

/** Instructions by the numbers that stand for them in a place of code. */
const quick = [
  'lui',
  'auipc',
  'jal',
  'jalr',
  'beq',
  'bne',
  'blt',
  'bge',
  'bltu',
  'bgeu',
  'lb',
  'lh',
  'lw',
  'lbu',
  'lhu',
  'sb',
  'sh',
  'sw',
  'addi',
  'slti',
  'sltiu',
  'xori',
  'ori',
  'andi',
  'slli',
  'srli',
  'srai',
  'add',
  'sub',
  'sll',
  'slt',
  'sltu',
  'xor',
  'srl',
  'sra',
  'or',
  'and',
  'mul',
  'mulh',
  'mulhu',
]
const numberOf = (name: string) => quick.indexOf(name)
/** The first of those that jump, branch, load, store, and of those that set a register by nothing but registers. */
export const FIRST_JUMP = numberOf('jal')
export const FIRST_BRANCH = numberOf('beq')
export const FIRST_LOAD = numberOf('lb')
export const FIRST_STORE = numberOf('sb')
export const FIRST_PLAIN = numberOf('addi')
/** Instructions that set a register as their row says; atomics; those of which nothing is known. */
export const GENERAL = quick.length
export const ATOMIC = GENERAL + 1
const OTHER = GENERAL + 2

const operations = instructionTable.map(({ name, effect }) => {
  const at = quick.indexOf(name)
  return at >= 0 ? at : effect.kind === 'set' ? GENERAL : effect.kind === 'atomic' ? ATOMIC : OTHER
})

/** Words of a place of code in `places`; the first holds operation (7:0), rd (12:8), rs1 (17:13), rs2 (22:18), bytes (26:23). */
const PLACE_WORDS = 6
export const RD_SHIFT = 8
export const RS1_SHIFT = 13
export const RS2_SHIFT = 18
export const BYTES_SHIFT = 23
export const IMMEDIATE = 1
export const RAW = 2
export const ACCESS = 3
/** Cycles that it took the last time; one further when it branched. */
export const DURATION = 4

const BLOCK_SHIFT = 16
const BLOCK_SLOTS = 1 << (BLOCK_SHIFT - 1)
/** Number of no block. */
const NO_BLOCK = -1

let made: Decoder | undefined

/** Decoder of all instructions; made when first needed, as traces of events alone never do. */
function allDecoder(): Decoder {
  made ??= new Decoder(new Set(instructionTable.map(({ extension }) => extension)).add('c'))
  return made
}

export class CodeTable {
  /** Every address that code was seen at, in PLACE_WORDS words each; the first place stands for none. */
  places = new Int32Array(1024 * PLACE_WORDS)
  /** Places by bits 15:1 of the address, in the block entered last, and the other bits of its addresses. */
  private block = new Int32Array(BLOCK_SLOTS)
  private blockNumber = NO_BLOCK
  private end = PLACE_WORDS
  /** Blocks that hold any code are kept for the next chunk. */
  private readonly blocks = new Map<number, Int32Array<ArrayBuffer>>()
  /** What the GENERAL instructions set their register to, by place. */
  private readonly values = new Map<number, Expression>()

  /** Forgets all code. */
  clear(): void {
    for (const block of this.blocks.values()) block.fill(0)
    this.end = PLACE_WORDS
    this.values.clear()
  }

  /** Index in `places` of the code at `pc`; 0 when none was seen there. */
  find(pc: number): number {
    if (pc >>> BLOCK_SHIFT !== this.blockNumber) this.enterBlock(pc >>> BLOCK_SHIFT)
    return this.block[(pc & 0xffff) >>> 1]!
  }

  /** Notes what code is at `pc`, with the access that it made. */
  define(pc: number, raw: number, access: number): number {
    const known = this.find(pc)
    const place = known === 0 ? this.addPlace() : known
    this.block[(pc & 0xffff) >>> 1] = place
    const decoded = allDecoder().decode(raw)
    const operation = decoded === undefined ? OTHER : operations[decoded.index]!
    const { rd = 0, rs1 = 0, rs2 = 0, imm = 0 } = decoded ?? {}
    const bytes = (raw & 3) === 3 ? 4 : 2
    const operands = (rd << RD_SHIFT) | (rs1 << RS1_SHIFT) | (rs2 << RS2_SHIFT)
    this.places.set([operation | operands | (bytes << BYTES_SHIFT), imm, raw, access, 1, 1], place)
    const effect = decoded?.row.effect
    if (operation === GENERAL && effect?.kind === 'set') this.values.set(place, effect.value)
    return place
  }

  /** What the GENERAL instruction of a place sets its register to. */
  value(place: number): Expression {
    return this.values.get(place)!
  }

  /** Addresses of all code that was seen. */
  *addresses(): Iterable<number> {
    for (const [number, block] of this.blocks) {
      for (const [slot, place] of block.entries()) if (place !== 0) yield number * (1 << BLOCK_SHIFT) + slot * 2
    }
  }

  private enterBlock(number: number): void {
    let block = this.blocks.get(number)
    if (block === undefined) {
      block = new Int32Array(BLOCK_SLOTS)
      this.blocks.set(number, block)
    }
    this.block = block
    this.blockNumber = number
  }

  private addPlace(): number {
    if (this.end === this.places.length) {
      const larger = new Int32Array(this.places.length * 2)
      larger.set(this.places)
      this.places = larger
    }
    const place = this.end
    this.end += PLACE_WORDS
    return place
  }
}
