/** What random programs do at the start and in machine mode: the trap handler, memory protection, user mode, debug triggers. */
import { csr } from '../../sim/cpu/csr/rows.ts'
import { asm, li } from '../sim/guest.ts'
import type { Assembler, Label } from './assembler.ts'
import { DATA, DEVICE, LOG, MTIME, MTIMECMP, OUTER, SP, TEMPORARY } from './layout.ts'
import type { Random } from './random.ts'

const LOG_MASK = 0x7fc
const PMPCFG0 = 0x3a0
const PMPADDR0 = 0x3b0
/** Parts of pmpcfg and pmpaddr. */
const PMP_NAPOT = 0x18
const PMP_LOCK = 0x80
const PMP_64_BYTES = 7
/** mstatus.MPP, and mcause of an environment call from user mode. */
const MPP = 0x1800
const USER_CALL = 8
/** mcause of a breakpoint. */
const BREAKPOINT = 3
/** Debug triggers (debug specification 1.0, section 5.7). */
const TSELECT = 0x7a0
const TDATA1 = 0x7a1
const TDATA2 = 0x7a2
const TCONTROL = 0x7a5
const MTE = 8
const MPTE = 0x80
const MCONTROL = 2
const MCONTROL6 = 6
const TYPE_SHIFT = 28
const TRIGGER_MODES = [0x40, 0x08, 0x48]
const TRIGGER_NAPOT = 0x80

export class PrivilegedCode {
  private readonly out: Assembler
  private readonly random: Random
  private readonly base: number
  /** Whether parts run in user mode, with or without memory that they may not touch. */
  readonly protects: boolean
  /** Whether debug triggers are armed now and then. */
  readonly triggers: boolean

  /** @param base address that the program is loaded at */
  constructor(out: Assembler, random: Random, base: number) {
    this.out = out
    this.random = random
    this.base = base
    this.protects = random.oneIn(3)
    this.triggers = random.oneIn(3)
  }

  /** Registers, the handler, protection, and perhaps a timer. */
  setUp(handler: Label): void {
    const { out, random } = this
    out.address(TEMPORARY, handler)
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: csr.mtvec }))
    out.word(...li(SP, this.base + 0xf000), ...li(DATA, this.base + 0x8000), ...li(LOG, this.base + 0x9000))
    out.word(...li(OUTER, random.between(5, 60)))
    for (let x = 5; x <= 15; x++) out.word(...li(x, random.oneIn(3) ? random.below(100) - 50 : random.next()))
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

  /** Goes on in user mode; an environment call ends it. */
  enterUserMode(): void {
    const { out } = this
    const inside = out.label()
    out.address(TEMPORARY, inside)
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: csr.mepc }), ...li(TEMPORARY, MPP))
    out.word(asm('csrrc', { rs1: TEMPORARY, imm: csr.mstatus }), asm('mret'))
    out.place(inside)
  }

  leaveUserMode(): void {
    this.out.word(asm('ecall'))
  }

  /** Arms a trigger at some data or code, or disarms it; all wait again from the first that fires in machine mode on. */
  armTrigger(code: Label): void {
    const { out, random } = this
    out.word(asm('csrrwi', { rs1: random.below(4), imm: TSELECT }))
    const executes = random.oneIn(2)
    if (executes) out.address(TEMPORARY, code)
    else if (random.oneIn(2)) out.word(asm('addi', { rd: TEMPORARY, rs1: SP, imm: random.between(-12, -1) * 4 }))
    else out.word(asm('addi', { rd: TEMPORARY, rs1: DATA, imm: random.below(0xc0) * 4 }))
    out.word(asm('ori', { rd: TEMPORARY, rs1: TEMPORARY, imm: random.pick(executes ? [0, 0, 1, 3] : [0, 3, 63, 127]) }))
    out.word(asm('csrrw', { rs1: TEMPORARY, imm: TDATA2 }))
    const type = random.pick([MCONTROL, MCONTROL6]) << TYPE_SHIFT
    const accesses = executes ? random.pick([4, 4, 7]) : random.pick([1, 2, 3, 7])
    const data1 = type | random.pick(TRIGGER_MODES) | accesses | (random.oneIn(3) ? 0 : TRIGGER_NAPOT)
    out.word(...li(TEMPORARY, random.oneIn(4) ? 0 : data1), asm('csrrw', { rs1: TEMPORARY, imm: TDATA1 }))
    out.word(asm('csrrsi', { rs1: MTE, imm: TCONTROL }))
  }

  /**
   * Interrupts note their pc and set the timer anew; exceptions note theirs and skip the instruction; calls of user
   * mode end it.
   */
  handler(): void {
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
    out.word(...store)
    if (this.triggers) this.handleTrigger()
    const skip = out.label()
    out.word(asm('addi', { rd: 31, imm: USER_CALL }))
    out.branch('bne', 30, 31, skip)
    out.word(...li(31, MPP), asm('csrrs', { rs1: 31, imm: csr.mstatus }))
    out.place(skip)
    out.word(asm('csrrs', { rd: 31, imm: csr.mepc }))
    out.word(asm('addi', { rd: 31, rs1: 31, imm: 4 }), asm('csrrw', { rs1: 31, imm: csr.mepc }), asm('mret'))
  }

  /** A trigger may have fired in machine mode: none of them does from now on, and the instruction is tried again. */
  private handleTrigger(): void {
    const { out } = this
    const other = out.label()
    out.word(asm('addi', { rd: 31, imm: BREAKPOINT }))
    out.branch('bne', 30, 31, other)
    out.word(asm('csrrs', { rd: 31, imm: TCONTROL }), asm('andi', { rd: 31, rs1: 31, imm: MPTE }))
    out.branch('beq', 31, 0, other)
    out.word(asm('csrrc', { rs1: 31, imm: TCONTROL }), asm('mret'))
    out.place(other)
  }
}
