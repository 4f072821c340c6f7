import type { Bus } from '../bus/bus.ts'
import type { InterruptLine } from '../bus/device.ts'
import type { Memory } from '../bus/memory.ts'
import type { EventQueue } from '../events.ts'
import type { TrapEntry, TrapReturn } from '../probe/probe.ts'
import { CodeCache } from './code-cache.ts'
import { CsrFile } from './csr/csr-file.ts'
import { csr, MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP, MSTATUS_MPP_SHIFT, MSTATUS_MPRV, MSTATUS_TW } from './csr/rows.ts'
import { Decoder } from './decoder.ts'
import { EventCounts } from './event-counts.ts'
import type { Isa } from './isa.ts'
import { misa } from './isa.ts'
import { MACHINE, type Privilege, USER } from './pmp.ts'
import { Protection } from './protection.ts'
import { Reservation } from './reservation.ts'
import type { TimingModel } from './timing/timing-model.ts'
import { interruptPriority, type Trap } from './trap.ts'

export interface HartOptions {
  readonly isa: Isa
  readonly timing: TimingModel
  /** Whether misaligned loads and stores are done by the hardware; they trap otherwise. */
  readonly misalignedHardware: boolean
  readonly bus: Bus
  /** The memory that engines access directly. */
  readonly memory: Memory
  /** Makes accesses fail that are right. */
  readonly busFaults?: BusFaults | undefined
  readonly events: EventQueue
  /** mtime, for the time CSR. */
  readonly time: () => bigint
}

/** Bus errors that somebody wants to happen. */
export interface BusFaults {
  /** Where: addresses `from` up to, not including, `end`. */
  readonly ranges: readonly { readonly from: number; readonly end: number }[]
  /** Whether this access fails; asked once for each, wherever it is. An instruction is fetched with its first half-word. */
  fails(access: 'load' | 'store' | 'fetch', address: number, bytes: number): boolean
}

/** Whether a hart can be in this state, whoever says so. */
function isPossible({ pc, cycles, instructions, privilege }: ReturnType<Hart['save']>['progress']): boolean {
  const counts = [cycles, instructions].every((count) => Number.isSafeInteger(count) && count >= 0)
  return counts && pc === pc >>> 0 && (privilege === USER || privilege === MACHINE)
}

/** x0 to x31. */
const REGISTERS = 32
/** Interrupt bit of mcause. */
const INTERRUPT = 1 << 31

/**
 * State of one RV32 hart with machine and user mode. Engines (`interpret`, `stepInstruction`) advance it; between two
 * instructions the state is exact and complete.
 */
export class Hart {
  /** x0 to x31; engines write results for x0 to x32, and the rest pads to what 6 bits index. */
  readonly x: Int32Array
  pc = 0
  /** Cycles of the SoC clock since reset, up to the start of the next instruction. */
  cycles = 0
  /** Instructions retired since reset. */
  instructions = 0
  /** In wfi: nothing happens until an interrupt is pending. */
  waiting = false
  /** The instruction at pc jumps to itself: only an interrupt or a write to the code can change anything. */
  spinning = false
  /** The mode that the next instruction runs in; changed by `enterHandler` and `returnFromTrap` only. */
  privilege: Privilege = MACHINE
  /** Whether engines must look at every instruction: accesses may be denied or fire triggers, or events are counted. */
  observed = false
  readonly counts = new EventCounts()
  readonly protection: Protection
  readonly busFaults: BusFaults | undefined
  readonly reservation: Reservation
  readonly isa: Isa
  readonly csrs: CsrFile
  readonly code: CodeCache
  readonly decoder: Decoder
  readonly timing: TimingModel
  readonly bus: Bus
  readonly memory: Memory
  readonly events: EventQueue
  readonly compressed: boolean
  readonly misalignedHardware: boolean
  /** Called after every exception (not interrupt) has been taken, with the pc it came from. */
  onException: (trap: Trap, pc: number) => void = () => {}
  /** Called when the hart goes to a trap handler, and when it comes back. */
  onTrap: ((entry: TrapEntry) => void) | undefined
  onTrapReturn: ((back: TrapReturn) => void) | undefined
  /** Called at an ebreak: whether the host has served it as a call, or the guest has to wait at it; else it traps. */
  hostCall: () => 'done' | 'wait' | undefined = () => undefined

  constructor(options: HartOptions) {
    this.x = options.memory.registers
    this.isa = options.isa
    this.timing = options.timing
    this.bus = options.bus
    this.memory = options.memory
    this.events = options.events
    this.misalignedHardware = options.misalignedHardware
    this.compressed = options.isa.extensions.has('c')
    this.csrs = new CsrFile({
      misa: misa(options.isa),
      cycles: () => this.cycles,
      instructions: () => this.instructions,
      time: options.time,
      events: this.counts,
    })
    this.csrs.onWrite = () => this.updateObserved()
    this.busFaults = options.busFaults
    const watched = options.busFaults?.ranges ?? []
    this.protection = new Protection(this.csrs.pmp, this.csrs.triggers, options.bus, options.memory, watched)
    this.observed = watched.length > 0
    this.reservation = new Reservation(options.bus)
    this.decoder = new Decoder(options.isa.extensions)
    this.code = new CodeCache(options.bus, this.decoder, options.timing)
  }

  save() {
    const { pc, cycles, instructions, waiting, spinning, privilege } = this
    return {
      x: [...this.x.subarray(0, REGISTERS)],
      csrs: this.csrs.save(),
      counts: this.counts.save(),
      reservation: this.reservation.save(),
      progress: { pc, cycles, instructions, waiting, spinning, privilege },
    }
  }

  restore({ x, csrs, counts, reservation, progress }: ReturnType<Hart['save']>): void {
    this.x.set(x)
    this.csrs.restore(csrs)
    this.counts.restore(counts)
    this.reservation.restore(reservation)
    if (!isPossible(progress)) throw new RangeError('no state of a hart')
    Object.assign(this, progress)
    this.updateObserved()
  }

  /** Extra cycles of one data access to memory now: wait states, and contention with DMA. */
  get memoryStall(): number {
    return this.memory.waitStates + (this.bus.dmaActive ? 1 : 0)
  }

  /** Cycles since reset when the instruction at pc is done, as far as its place in memory tells. */
  get cyclesAfterPresent(): number {
    return this.cycles + this.code.fixedCycles(this.pc)
  }

  /** Wire into bit `bit` of mip. */
  interruptLine(bit: number): InterruptLine {
    return { set: (level) => this.csrs.setPending(bit, level) }
  }

  /** Whether wfi is illegal in user mode. */
  get forbidsWaiting(): boolean {
    return (this.csrs.get(csr.mstatus) & MSTATUS_TW) !== 0
  }

  /** Whether any enabled interrupt is pending: what ends a wfi, whatever mstatus says. */
  get interruptPending(): boolean {
    return (this.csrs.pending & this.csrs.get(csr.mie)) !== 0
  }

  /** Whether interrupts are taken at all: in user mode always. */
  get interruptsEnabled(): boolean {
    return this.privilege === USER || (this.csrs.get(csr.mstatus) & MSTATUS_MIE) !== 0
  }

  /** Takes the pending enabled interrupt of the highest priority, if there is one. */
  takeInterrupt(): void {
    if (!this.interruptPending) return
    this.waiting = false
    if (!this.interruptsEnabled) return
    const pending = this.csrs.pending & this.csrs.get(csr.mie)
    const code = interruptPriority.find((code) => (pending & (1 << code)) !== 0)
    if (code === undefined) return
    const vector = this.csrs.get(csr.mtvec)
    this.counts.interrupts++
    this.enterHandler(INTERRUPT | code, 0, (vector & ~3) + ((vector & 1) === 1 ? 4 * code : 0))
  }

  /** Takes an exception of the instruction at `pc` (privileged ISA, section 3.1.6.1 and following). */
  takeException(trap: Trap): void {
    const from = this.pc
    this.counts.exceptions++
    this.enterHandler(trap.cause, trap.value, this.csrs.get(csr.mtvec) & ~3)
    this.onException(trap, from)
  }

  /** Back from a handler (privileged ISA, section 3.1.6.1): user mode keeps no MPRV, and MPP becomes the least mode. */
  returnFromTrap(): void {
    const status = this.csrs.get(csr.mstatus)
    this.privilege = this.previousPrivilege
    const enable = (status & MSTATUS_MPIE) !== 0 ? MSTATUS_MIE : 0
    const cleared = MSTATUS_MIE | MSTATUS_MPP | (this.privilege === USER ? MSTATUS_MPRV : 0)
    this.csrs.set(csr.mstatus, (status & ~cleared) | enable | MSTATUS_MPIE)
    this.csrs.triggers.leaveHandler()
    this.pc = this.csrs.get(csr.mepc) >>> 0
    this.reservation.clear()
    this.updateObserved()
    this.onTrapReturn?.({ at: this.cycles, pc: this.pc, privilege: this.privilege })
  }

  private enterHandler(code: number, value: number, handler: number): void {
    this.onTrap?.({ at: this.cycles, pc: this.pc, handler: handler >>> 0, cause: code >>> 0, value: value >>> 0 })
    const status = this.csrs.get(csr.mstatus)
    const enabled = (status & MSTATUS_MIE) !== 0 ? MSTATUS_MPIE : 0
    const kept = status & ~(MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP)
    this.csrs.setEpc(this.pc)
    this.csrs.set(csr.mcause, code)
    this.csrs.set(csr.mtval, value)
    this.csrs.set(csr.mstatus, kept | enabled | (this.privilege << MSTATUS_MPP_SHIFT))
    this.privilege = MACHINE
    this.csrs.triggers.enterHandler()
    this.reservation.clear()
    this.updateObserved()
    this.pc = handler >>> 0
    this.cycles += this.timing.trap
    this.spinning = false
  }

  /** The mode in mstatus.MPP. */
  private get previousPrivilege(): Privilege {
    return (this.csrs.get(csr.mstatus) & MSTATUS_MPP) === 0 ? USER : MACHINE
  }

  /** Follows a change of mode, of mstatus, of memory protection, of debug triggers or of event counters. */
  private updateObserved(): void {
    const modified = this.privilege === MACHINE && (this.csrs.get(csr.mstatus) & MSTATUS_MPRV) !== 0
    this.protection.update(this.privilege, modified ? this.previousPrivilege : this.privilege)
    const { triggers, eventCounters } = this.csrs
    triggers.update(this.privilege)
    const looked = triggers.armed.length > 0 || this.busFaults !== undefined
    this.observed = this.protection.guarded || looked || eventCounters.needObservation
  }
}
