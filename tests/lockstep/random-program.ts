/**
 * Random programs that look like compiled ones, so that they become hot: nested loops, conditions, calls and recursion
 * (direct, far and through tables), switches, memory traffic of every width; with a timer that interrupts at odd
 * moments, faults and traps, code that rewrites itself, device accesses and counters read in between. Every interrupt
 * leaves its pc in memory, so that one instruction too early or too late shows.
 */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { encode } from '../../sim/cpu/instructions/encode.ts'
import { instructionTable } from '../../sim/cpu/instructions/table.ts'
import { asm, exit, li } from '../sim/guest.ts'
import { Assembler, type Label } from './assembler.ts'
import type { Random } from './random.ts'

/** Registers with a purpose; x5 to x15 hold random values, x30 and x31 belong to the trap handler. */
const SP = 2
const DATA = 3
const OUTER = 4
const LOOP = 16
const TEMPORARY = 24
const TABLE = 25
const DEVICE = 26
const RECURSION = 27
const LOG = 29

const MTIME = 0x0200_bff8
const MTIMECMP = 0x0200_4000
const UART = 0x1000_0000
/** Offsets from DATA. */
const FUNCTIONS = 0x400
const CASES = 0x440
const LOG_MASK = 0x7fc
const CASE_COUNT = 8
const MHPMEVENT3 = 0x323
const MHPMCOUNTER3 = 0xb03
const MOST_DEPTH = 3
const PMPCFG0 = 0x3a0
const PMPADDR0 = 0x3b0
/** Parts of pmpcfg and pmpaddr. */
const PMP_NAPOT = 0x18
const PMP_LOCK = 0x80
const PMP_64_BYTES = 7
/** mstatus.MPP, and mcause of an environment call from user mode. */
const MPP = 0x1800
const USER_CALL = 8

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
const branches = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']
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

/** An instruction that may be exchanged for another one at any time: by exclusive or with `toggle`. */
export interface Patch {
  readonly address: number
  readonly toggle: number
}

export interface RandomProgram {
  readonly bytes: Uint8Array
  readonly compressed: boolean
  readonly patches: readonly Patch[]
}

/** @param base address where it is loaded and entered; it uses the memory up to `base` + 64 KiB */
export function randomProgram(random: Random, base: number): RandomProgram {
  return new Generator(random, base).run()
}

class Generator {
  private readonly random: Random
  private readonly out = new Assembler()
  private readonly base: number
  private readonly compressed: boolean
  private readonly functions: Label[]
  /** Instructions that the program replaces. */
  private readonly patches: { readonly label: Label; readonly toggle: number }[] = []
  /** Whether parts of it run in user mode, with or without memory that they may not touch. */
  private readonly protects: boolean
  private depth = 0
  /** Functions up to this number must not be called from here, so that calls end. */
  private inside = -1

  constructor(random: Random, base: number) {
    this.random = random
    this.base = base
    this.compressed = random.oneIn(2)
    this.protects = random.oneIn(3)
    this.functions = Array.from({ length: 4 }, () => this.out.label())
  }

  run(): RandomProgram {
    const { out, random } = this
    const main = out.label()
    out.jump(0, main)
    while (out.length % 4 !== 0) this.filler()
    const handler = out.here()
    this.handler()
    for (const [index, label] of this.functions.entries()) this.function(label, index)
    out.place(main)
    this.setUp(handler)
    const again = out.here()
    for (let n = random.between(3, 8); n > 0; n--) {
      if (this.protects && random.oneIn(3)) this.userMode()
      else this.piece()
    }
    this.rewrite()
    out.word(asm('addi', { rd: OUTER, rs1: OUTER, imm: -1 }))
    const done = out.label()
    out.branch('beq', OUTER, 0, done)
    out.jump(0, again)
    out.place(done)
    out.word(...exit)
    const patches = this.patches.map(({ label, toggle }) => ({ address: this.base + label.half * 2, toggle }))
    return { bytes: out.bytes(), compressed: this.compressed, patches }
  }

  private setUp(handler: Label): void {
    const { out, random } = this
    out.address(TEMPORARY, handler)
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: csr.mtvec }))
    out.word(...li(SP, this.base + 0xf000), ...li(DATA, this.base + 0x8000), ...li(LOG, this.base + 0x9000))
    out.word(...li(OUTER, random.between(5, 60)))
    for (let x = 5; x <= 15; x++) out.word(...li(x, random.oneIn(3) ? random.below(100) - 50 : random.next()))
    this.functions.forEach((label, index) => {
      out.address(TEMPORARY, label)
      out.word(asm('sw', { rs1: DATA, rs2: TEMPORARY, imm: FUNCTIONS + index * 4 }))
    })
    if (this.protects) this.protect()
    if (random.oneIn(3)) return
    out.word(...li(TEMPORARY, MTIMECMP), asm('sw', { rs1: TEMPORARY, rs2: 0, imm: 4 }))
    out.word(...li(DEVICE, random.between(1, 40)), asm('sw', { rs1: TEMPORARY, rs2: DEVICE, imm: 0 }))
    out.word(...li(TEMPORARY, 0x80), asm('csrrw', { rs1: TEMPORARY, imm: csr.mie }))
    out.word(asm('csrrsi', { rs1: 8, imm: csr.mstatus }))
  }

  /** Everything may be touched in user mode but, perhaps, one line of the data; locked, not in machine mode either. */
  private protect(): void {
    const { out, random } = this
    const line = random.oneIn(3) ? 0 : PMP_NAPOT | random.pick([0, 1, 3, 5]) | (random.oneIn(5) ? PMP_LOCK : 0)
    out.word(...li(TEMPORARY, ((this.base + 0x8100) >>> 2) | PMP_64_BYTES))
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: PMPADDR0 }), ...li(TEMPORARY, -1))
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: PMPADDR0 + 1 }), ...li(TEMPORARY, line | ((PMP_NAPOT | 7) << 8)))
    out.word(
      asm('csrrw', { rs1: TEMPORARY, imm: PMPCFG0 }),
      asm('csrrwi', { rs1: random.pick([0, 7]), imm: csr.mcounteren }),
    )
  }

  /** Some pieces in user mode, up to the next environment call. */
  private userMode(): void {
    const { out } = this
    const inside = out.label()
    out.address(TEMPORARY, inside)
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: csr.mepc }), ...li(TEMPORARY, MPP))
    out.word(asm('csrrc', { rs1: TEMPORARY, imm: csr.mstatus }), asm('mret'))
    out.place(inside)
    this.piece()
    this.piece()
    out.word(asm('ecall'))
  }

  /** Interrupts note their pc and set the timer anew; exceptions note theirs and skip the instruction; calls of user mode end it. */
  private handler(): void {
    const { out, random } = this
    const exception = out.label()
    const store = [
      asm('csrrs', { rd: 31, imm: csr.mepc }),
      asm('sw', { rs1: LOG, rs2: 31, imm: 0 }),
      asm('addi', { rd: 31, rs1: LOG, imm: 4 }),
      asm('andi', { rd: 31, rs1: 31, imm: LOG_MASK }),
      asm('srli', { rd: LOG, rs1: LOG, imm: 11 }),
      asm('slli', { rd: LOG, rs1: LOG, imm: 11 }),
      asm('or', { rd: LOG, rs1: LOG, rs2: 31 }),
    ]
    out.word(asm('csrrs', { rd: 30, imm: csr.mcause }))
    out.branch('bge', 30, 0, exception)
    out.word(...store, ...li(30, MTIME), asm('lw', { rd: 31, rs1: 30, imm: 0 }))
    out.word(asm('addi', { rd: 31, rs1: 31, imm: random.between(3, 200) }))
    out.word(...li(30, MTIMECMP), asm('sw', { rs1: 30, rs2: 31, imm: 0 }), asm('mret'))
    out.place(exception)
    const skip = out.label()
    out.word(...store, asm('addi', { rd: 31, imm: USER_CALL }))
    out.branch('bne', 30, 31, skip)
    out.word(...li(31, MPP), asm('csrrs', { rs1: 31, imm: csr.mstatus }))
    out.place(skip)
    out.word(asm('csrrs', { rd: 31, imm: csr.mepc }))
    out.word(asm('addi', { rd: 31, rs1: 31, imm: 4 }), asm('csrrw', { rs1: 31, imm: csr.mepc }), asm('mret'))
  }

  /** Function N calls only those after it; the last one calls itself. */
  private function(label: Label, index: number): void {
    const { out, random } = this
    out.place(label)
    this.inside = index
    this.depth = 2
    out.word(asm('addi', { rd: SP, rs1: SP, imm: -16 }), asm('sw', { rs1: SP, rs2: 1, imm: 12 }))
    const saved = random.between(8, 9)
    out.word(asm('sw', { rs1: SP, rs2: saved, imm: 8 }))
    const leave = out.label()
    if (index === this.functions.length - 1) {
      out.word(asm('addi', { rd: RECURSION, rs1: RECURSION, imm: -1 }))
      out.branch('bge', 0, RECURSION, leave)
      this.arithmetic()
      out.jump(1, label)
      out.jump(1, label)
      this.arithmetic()
    } else for (let n = random.between(1, 2); n > 0; n--) this.piece()
    out.place(leave)
    out.word(asm('lw', { rd: saved, rs1: SP, imm: 8 }), asm('lw', { rd: 1, rs1: SP, imm: 12 }))
    out.word(asm('addi', { rd: SP, rs1: SP, imm: 16 }), asm('jalr', { rd: 0, rs1: 1 }))
    this.inside = -1
    this.depth = 0
  }

  private piece(): void {
    const { random } = this
    this.depth++
    const nested = this.depth <= MOST_DEPTH
    const kind = random.below(nested ? 16 : 9)
    if (kind < 3) this.arithmetic()
    else if (kind < 7) this.memory()
    else if (kind < 8) this.rare()
    else if (kind < 9) this.patch()
    else if (kind < 11) this.condition()
    else if (kind < 13) this.loop()
    else if (kind < 15) this.call()
    else this.switch()
    this.depth--
  }

  private work(): number {
    return this.random.between(5, 15)
  }

  private filler(): void {
    if (this.compressed) this.out.half(0x0001)
    else this.out.word(asm('addi'))
  }

  private arithmetic(): void {
    for (let n = this.random.between(2, 8); n > 0; n--) this.out.word(this.operation())
    if (this.compressed && this.random.oneIn(2)) this.out.half(this.compressedOperation())
  }

  private operation(): number {
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

  private memory(): void {
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

  private rare(): void {
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

  /** An instruction that will be replaced now and then. */
  private patch(): void {
    if (this.out.length % 4 !== 0) this.filler()
    const [first, second] = [this.operation(), this.operation()]
    this.patches.push({ label: this.out.here(), toggle: first ^ second })
    this.out.word(first)
  }

  /** Exchanges one of those instructions in some rounds. */
  private rewrite(): void {
    const { out, random } = this
    if (this.patches.length === 0) return
    const { label, toggle } = random.pick(this.patches)
    const skip = out.label()
    out.word(asm('andi', { rd: TEMPORARY, rs1: OUTER, imm: random.pick([1, 7]) }))
    out.branch('bne', TEMPORARY, 0, skip)
    out.address(TEMPORARY, label)
    out.word(asm('lw', { rd: DEVICE, rs1: TEMPORARY }), ...li(TABLE, toggle))
    out.word(asm('xor', { rd: DEVICE, rs1: DEVICE, rs2: TABLE }), asm('sw', { rs1: TEMPORARY, rs2: DEVICE }))
    if (random.oneIn(2)) out.word(asm('fence.i'))
    out.place(skip)
  }

  private condition(): void {
    const { out, random } = this
    const otherwise = out.label()
    const end = out.label()
    out.branch(random.pick(branches), this.work(), random.oneIn(4) ? 0 : this.work(), otherwise)
    this.piece()
    const both = random.oneIn(2)
    if (both) out.jump(0, end)
    out.place(otherwise)
    if (both) this.piece()
    out.place(end)
  }

  private loop(): void {
    const { out, random } = this
    const counter = LOOP + this.depth + (this.inside + 1)
    out.word(asm('addi', { rd: counter, rs1: 0, imm: random.between(1, 25) }))
    const head = out.here()
    this.piece()
    const leave = out.label()
    const leavesEarly = random.oneIn(4)
    if (leavesEarly) out.branch(random.pick(branches), this.work(), this.work(), leave)
    if (random.oneIn(3)) this.piece()
    out.word(asm('addi', { rd: counter, rs1: counter, imm: -1 }))
    out.branch('blt', 0, counter, head)
    out.place(leave)
  }

  private call(): void {
    const { out, random } = this
    const callee = random.between(this.inside + 1, this.functions.length - 1)
    if (callee <= this.inside || callee >= this.functions.length) return
    if (callee === this.functions.length - 1) out.word(asm('addi', { rd: RECURSION, imm: random.between(2, 9) }))
    const kind = random.below(3)
    if (kind === 0) out.jump(1, this.functions[callee]!)
    else if (kind === 1) out.farJump(1, 1, this.functions[callee]!)
    else {
      out.word(asm('lw', { rd: TEMPORARY, rs1: DATA, imm: FUNCTIONS + callee * 4 }))
      out.word(asm('jalr', { rd: 1, rs1: TEMPORARY, imm: 0 }))
    }
  }

  private switch(): void {
    const { out } = this
    const cases = Array.from({ length: CASE_COUNT }, () => out.label())
    const end = out.label()
    cases.forEach((label, index) => {
      out.address(TEMPORARY, label)
      out.word(asm('sw', { rs1: DATA, rs2: TEMPORARY, imm: CASES + index * 4 }))
    })
    out.word(
      asm('andi', { rd: TABLE, rs1: this.work(), imm: CASE_COUNT - 1 }),
      asm('slli', { rd: TABLE, rs1: TABLE, imm: 2 }),
    )
    out.word(asm('add', { rd: TABLE, rs1: TABLE, rs2: DATA }), asm('lw', { rd: TABLE, rs1: TABLE, imm: CASES }))
    out.word(asm('jalr', { rd: 0, rs1: TABLE, imm: 0 }))
    for (const label of cases) {
      out.place(label)
      out.word(this.operation())
      if (this.random.oneIn(3)) this.memory()
      out.jump(0, end)
    }
    out.place(end)
  }
}
