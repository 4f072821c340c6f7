/**
 * Random programs that look like compiled ones, so that they become hot: nested loops, conditions, calls and recursion
 * (direct, far and through tables), switches, memory traffic of every width; with a timer that interrupts at odd
 * moments, faults and traps, debug triggers, code that rewrites itself, device accesses and counters read in between.
 * Every interrupt leaves its pc in memory, so that one instruction too early or too late shows.
 */
import { asm, exit, li } from '../sim/guest.ts'
import { Assembler, type Label } from './assembler.ts'
import { CASES, DATA, DEVICE, FUNCTIONS, LOOP, OUTER, RECURSION, SP, TABLE, TEMPORARY } from './layout.ts'
import { PrivilegedCode } from './privileged-code.ts'
import type { Random } from './random.ts'
import { StraightCode } from './straight-code.ts'

const CASE_COUNT = 8
const MOST_DEPTH = 3
/** Memory of the machines that programs run on. */
export const RAM_BYTES = 256 << 10
const branches = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']

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
  private readonly straight: StraightCode
  private readonly privileged: PrivilegedCode
  private readonly functions: Label[]
  /** Instructions that the program replaces. */
  private readonly patches: { readonly label: Label; readonly toggle: number }[] = []
  /** Starts of pieces. */
  private readonly places: Label[] = []
  private depth = 0
  /** Functions up to this number must not be called from here, so that calls end. */
  private inside = -1

  constructor(random: Random, base: number) {
    this.random = random
    this.base = base
    this.compressed = random.oneIn(2)
    this.straight = new StraightCode(this.out, random, this.compressed)
    this.privileged = new PrivilegedCode(this.out, random, base)
    this.functions = Array.from({ length: 4 }, () => this.out.label())
  }

  run(): RandomProgram {
    const { out, random } = this
    const main = out.label()
    out.jump(0, main)
    while (out.length % 4 !== 0) this.straight.filler()
    const handler = out.here()
    this.privileged.handler()
    for (const [index, label] of this.functions.entries()) this.function(label, index)
    out.place(main)
    this.privileged.setUp(handler)
    this.listFunctions()
    const again = out.here()
    for (let n = random.between(3, 8); n > 0; n--) {
      const after = out.label()
      if (this.privileged.triggers && random.oneIn(3)) {
        this.privileged.armTrigger(random.oneIn(2) ? after : random.pick(this.places))
      }
      if (this.privileged.protects && random.oneIn(3)) this.userMode()
      else this.piece()
      out.place(after)
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

  /** Writes the addresses of the functions to memory, for calls through a table. */
  private listFunctions(): void {
    const { out } = this
    this.functions.forEach((label, index) => {
      out.address(TEMPORARY, label)
      out.word(asm('sw', { rs1: DATA, rs2: TEMPORARY, imm: FUNCTIONS + index * 4 }))
    })
  }

  /** Some pieces in user mode. */
  private userMode(): void {
    this.privileged.enterUserMode()
    this.piece()
    this.piece()
    this.privileged.leaveUserMode()
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
      this.straight.arithmetic()
      out.jump(1, label)
      out.jump(1, label)
      this.straight.arithmetic()
    } else for (let n = random.between(1, 2); n > 0; n--) this.piece()
    out.place(leave)
    out.word(asm('lw', { rd: saved, rs1: SP, imm: 8 }), asm('lw', { rd: 1, rs1: SP, imm: 12 }))
    out.word(asm('addi', { rd: SP, rs1: SP, imm: 16 }), asm('jalr', { rd: 0, rs1: 1 }))
    this.inside = -1
    this.depth = 0
  }

  private piece(): void {
    const { random } = this
    this.places.push(this.out.here())
    this.depth++
    const nested = this.depth <= MOST_DEPTH
    const kind = random.below(nested ? 17 : 10)
    if (kind < 3) this.straight.arithmetic()
    else if (kind < 7) this.straight.memory()
    else if (kind < 8) this.straight.rare()
    else if (kind < 9) this.patch()
    else if (kind < 10) this.walk()
    else if (kind < 12) this.condition()
    else if (kind < 14) this.loop()
    else if (kind < 16) this.call()
    else this.switch()
    this.depth--
  }

  /** An instruction that will be replaced now and then. */
  private patch(): void {
    if (this.out.length % 4 !== 0) this.straight.filler()
    const [first, second] = [this.straight.operation(), this.straight.operation()]
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
    out.branch(random.pick(branches), this.straight.work(), random.oneIn(4) ? 0 : this.straight.work(), otherwise)
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
    if (leavesEarly) out.branch(random.pick(branches), this.straight.work(), this.straight.work(), leave)
    if (random.oneIn(3)) this.piece()
    out.word(asm('addi', { rd: counter, rs1: counter, imm: -1 }))
    out.branch('blt', 0, counter, head)
    out.place(leave)
  }

  /** A loop without branches in it, through data by a pointer that moves on; now and then out of memory at its end. */
  private walk(): void {
    const { out, random } = this
    const counter = LOOP + this.depth + (this.inside + 1)
    const start = random.oneIn(4) ? RAM_BYTES - random.between(1, 30) * 4 : 0x8000 + random.below(0x40) * 4
    out.word(...li(TEMPORARY, this.base + start + (random.oneIn(8) ? 1 : 0)))
    out.word(asm('addi', { rd: counter, rs1: 0, imm: random.between(1, 40) }))
    const step = random.pick([-4, -1, 1, 2, 4, 4, 8, 12])
    const head = out.here()
    for (let n = random.between(1, 4); n > 0; n--) {
      this.straight.access(TEMPORARY, random.below(4) * 4)
      if (random.oneIn(3)) out.word(asm('addi', { rd: TEMPORARY, rs1: TEMPORARY, imm: step }))
      if (random.oneIn(3)) out.word(this.straight.operation())
    }
    out.word(asm('addi', { rd: TEMPORARY, rs1: TEMPORARY, imm: step }))
    out.word(asm('addi', { rd: counter, rs1: counter, imm: -1 }))
    out.branch('blt', 0, counter, head)
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
      asm('andi', { rd: TABLE, rs1: this.straight.work(), imm: CASE_COUNT - 1 }),
      asm('slli', { rd: TABLE, rs1: TABLE, imm: 2 }),
    )
    out.word(asm('add', { rd: TABLE, rs1: TABLE, rs2: DATA }), asm('lw', { rd: TABLE, rs1: TABLE, imm: CASES }))
    out.word(asm('jalr', { rd: 0, rs1: TABLE, imm: 0 }))
    for (const label of cases) {
      out.place(label)
      out.word(this.straight.operation())
      if (this.random.oneIn(3)) this.straight.memory()
      out.jump(0, end)
    }
    out.place(end)
  }
}
