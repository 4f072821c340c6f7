/** Random instructions that run one after another: arithmetic, accesses of every width, and what is rare in programs. */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { encode } from '../../sim/cpu/instructions/encode.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { asm, li } from '../sim/guest.ts'
import type { Assembler } from './assembler.ts'
import { DATA, DEVICE, MTIME, TEMPORARY, UART } from './layout.ts'
import type { Random } from './random.ts'

const MHPMEVENT3 = 0x323
const MHPMCOUNTER3 = 0xb03

const registerRows = [
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
  'mulhsu',
  'mulhu',
]
const bitRows = instructionTable.filter(({ extension }) => extension.startsWith('zb'))
const atomicRows = instructionTable.filter(({ extension }) => extension === 'a')
const divisions = ['div', 'divu', 'rem', 'remu']
const immediateRows = ['addi', 'slti', 'sltiu', 'xori', 'ori', 'andi']
const shifts = ['slli', 'srli', 'srai']
const loads = [
  ['lb', 1],
  ['lbu', 1],
  ['lh', 2],
  ['lhu', 2],
  ['lw', 4],
] as const
const stores = [
  ['sb', 1],
  ['sh', 2],
  ['sw', 4],
] as const
const counters = [csr.mcycle, csr.minstret, csr.mscratch, csr.mstatus, csr.mepc, csr.cycle, csr.instret, csr.mip]

export class StraightCode {
  private readonly out: Assembler
  private readonly random: Random
  private readonly compressed: boolean

  constructor(out: Assembler, random: Random, compressed: boolean) {
    this.out = out
    this.random = random
    this.compressed = compressed
  }

  /** A register that holds a random value. */
  work(): number {
    return this.random.between(5, 15)
  }

  /** An instruction that does nothing, the shortest there is. */
  filler(): void {
    if (this.compressed) this.out.half(0x0001)
    else this.out.word(asm('addi'))
  }

  arithmetic(): void {
    for (let n = this.random.between(2, 8); n > 0; n--) this.out.word(this.operation())
    if (this.compressed && this.random.oneIn(2)) this.out.half(this.compressedOperation())
  }

  operation(): number {
    const { random } = this
    const operands = {
      rd: random.oneIn(20) ? 0 : this.work(),
      rs1: this.work(),
      rs2: random.oneIn(12) ? 0 : this.work(),
    }
    const kind = random.below(24)
    if (kind >= 20) return this.bitOperation(operands)
    if (kind < 8) return asm(random.pick(registerRows), operands)
    if (kind < 10) return asm(random.pick(divisions), operands)
    if (kind < 15) return asm(random.pick(immediateRows), { ...operands, imm: random.between(-2048, 2047) })
    if (kind < 18) return asm(random.pick(shifts), { ...operands, imm: random.below(32) })
    return asm(random.pick(['lui', 'auipc']), { rd: operands.rd, imm: random.next() & ~0xfff })
  }

  private bitOperation(operands: { readonly rd: number; readonly rs1: number; readonly rs2: number }): number {
    const row = this.random.pick(bitRows)
    return encode(row, { ...operands, imm: this.random.below(32) })
  }

  /** c.addi, c.li, c.mv, c.add, c.slli or c.xor. */
  private compressedOperation(): number {
    const { random } = this
    const rd = this.work() << 7
    const rs2 = this.work() << 2
    const imm = random.between(1, 31) << 2
    const forms = [
      0x0001 | rd | imm,
      0x4001 | rd | imm,
      0x8002 | rd | rs2,
      0x9002 | rd | rs2,
      0x0002 | rd | imm,
      0x8c25,
    ]
    return random.pick(forms)
  }

  /** A load or store at a register and a distance that is a multiple of four. */
  access(base: number, imm: number): void {
    const { out, random } = this
    if (random.oneIn(2)) out.word(asm(random.pick(loads)[0], { rd: this.work(), rs1: base, imm }))
    else out.word(asm(random.pick(stores)[0], { rs1: base, rs2: this.work(), imm }))
  }

  memory(): void {
    const { out, random } = this
    if (random.oneIn(10)) this.wildAccess()
    const word = random.oneIn(2) ? 4 : 1
    for (let n = random.between(1, 6); n > 0; n--) {
      const slip = random.oneIn(60) ? 1 : 0
      if (random.oneIn(2)) {
        const [name, size] = random.pick(loads)
        const step = Math.max(size, word)
        out.word(asm(name, { rd: this.work(), rs1: DATA, imm: random.below(0x300 / step) * step + slip }))
      } else {
        const [name, size] = random.pick(stores)
        const step = Math.max(size, word)
        out.word(asm(name, { rs1: DATA, rs2: this.work(), imm: random.below(0x300 / step) * step + slip }))
      }
      if (random.oneIn(3)) out.word(this.operation())
    }
  }

  /** Through a pointer that moves, or points anywhere. */
  private wildAccess(): void {
    const { out, random } = this
    if (random.oneIn(3)) out.word(asm('addi', { rd: TEMPORARY, rs1: this.work() }))
    else {
      out.word(asm('andi', { rd: TEMPORARY, rs1: this.work(), imm: 0x3fc }))
      out.word(asm('add', { rd: TEMPORARY, rs1: TEMPORARY, rs2: DATA }))
    }
    out.word(asm('sw', { rs1: TEMPORARY, rs2: this.work(), imm: 0 }))
    out.word(asm('lhu', { rd: this.work(), rs1: TEMPORARY, imm: random.pick([0, 1, 2]) }))
  }

  rare(): void {
    const { out, random } = this
    const kind = random.below(11)
    const counter = random.pick(counters)
    if (kind < 3) out.word(asm('csrrs', { rd: this.work(), rs1: 0, imm: counter }))
    else if (kind < 4) out.word(asm('csrrw', { rd: this.work(), rs1: this.work(), imm: csr.mscratch }))
    else if (kind < 5) out.word(asm(random.pick(['fence', 'fence.i', 'ecall', 'ebreak'])))
    else if (kind < 7) out.word(...li(DEVICE, MTIME), asm('lw', { rd: this.work(), rs1: DEVICE, imm: 0 }))
    else if (kind < 9) this.atomic()
    else if (kind < 10) this.countEvents()
    else out.word(...li(DEVICE, UART), asm('sb', { rs1: DEVICE, rs2: this.work(), imm: 0 }))
  }

  /** Atomic accesses to one word, or a reservation with a store to its neighbourhood in between. */
  private atomic(): void {
    const { out, random } = this
    out.word(asm('addi', { rd: TEMPORARY, rs1: DATA, imm: random.below(32) * 4 }))
    for (let n = random.between(1, 3); n > 0; n--) {
      out.word(encode(random.pick(atomicRows), { rd: this.work(), rs1: TEMPORARY, rs2: this.work() }))
      if (random.oneIn(2)) out.word(asm('sw', { rs1: DATA, rs2: this.work(), imm: random.below(32) * 4 }))
    }
  }

  /** Counts some event from now on, or no more, and reads the count. */
  private countEvents(): void {
    const { out, random } = this
    out.word(asm('csrrwi', { rs1: random.pick([0, 0, 1, 2, 3, 4]), imm: MHPMEVENT3 }))
    out.word(this.operation(), asm('csrrs', { rd: this.work(), rs1: 0, imm: MHPMCOUNTER3 }))
  }
}
