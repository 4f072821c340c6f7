import type { AccessSize } from '../bus/device.ts'
import { Memory } from '../bus/memory.ts'
import type { Decoded } from './decoder.ts'
import { binaryOperators, evaluate } from './evaluate.ts'
import type { Hart } from './hart.ts'
import type { AtomicOperation, LoadWidth } from './instructions/semantics.ts'
import { PMP_READ, PMP_WRITE } from './pmp.ts'
import { executeSystem } from './system.ts'
import { cause, type Trap } from './trap.ts'
import { TRIGGER_EXECUTE, TRIGGER_LOAD, TRIGGER_STORE } from './triggers.ts'

/** Told what a stepped instruction does to memory and control registers, in order; registers can be read from the hart. */
export interface StepObserver {
  load?(address: number, size: AccessSize): void
  store?(address: number, size: AccessSize, value: number): void
  csrWrite?(address: number, value: number): void
}

const nobody: StepObserver = {}

/**
 * Carries out one instruction straight from its row: whatever the interpreter's fast cases leave out, and every
 * instruction of a traced run. Cycles, counts and traps are those of the interpreter.
 *
 * @returns what was retired, or undefined when the instruction trapped instead
 */
export function stepInstruction(hart: Hart, observer: StepObserver = nobody): Decoded | undefined {
  hart.events.now = hart.cycles
  hart.spinning = false
  const breakpoint = fetchBreakpoint(hart)
  if (breakpoint !== undefined) return trapped(hart, 1, breakpoint)
  if (!hart.protection.allowsFetch(hart.pc)) return trapped(hart, 1, deniedFetch(hart.pc))
  if (hart.busFaults?.fails('fetch', hart.pc, 2)) return trapped(hart, 1, refused(cause.fetchFault, hart.pc))
  const block = hart.code.blockAt(hart.pc)
  const slot = ((hart.pc | 0) - block.base) << 1
  if (block.code[slot] === 0 && !hart.code.decode(block, slot)) return trapped(hart, 1, fetchFault(hart))
  const { code } = block
  const cycles = code[slot]! >>> 24
  if (isLong(code[slot + 3]!) && !hart.protection.allowsFetch(hart.pc + 2)) {
    return trapped(hart, cycles, deniedFetch(hart.pc + 2))
  }
  const decoded = hart.decoder.decode(code[slot + 3]!)
  if (decoded === undefined) return trapped(hart, cycles, { cause: cause.illegalInstruction, value: code[slot + 3]! })
  const execution = new Execution(hart, decoded, observer, code[slot + 2]! & 0xffff)
  const trap = execution.run()
  if (trap !== undefined) return trapped(hart, cycles, trap)
  hart.spinning = execution.next === hart.pc && decoded.row.effect.kind !== 'system'
  hart.pc = execution.next
  hart.cycles += cycles + execution.extraCycles
  hart.instructions++
  return decoded
}

/** The exception that a debug trigger raises instead of the instruction at pc. */
function fetchBreakpoint({ bus, pc, csrs: { triggers } }: Hart): Trap | undefined {
  if (triggers.armed.length === 0) return undefined
  const memory = bus.memoryAt(pc, 2)
  const raw = memory?.read(pc - memory.base, 2)
  return triggers.fire(TRIGGER_EXECUTE, pc, raw === undefined || isLong(raw) ? 4 : 2)
}

/** The fetch at pc fails: at its first half-word, or only at the second. */
function fetchFault({ bus, pc }: Hart): Trap {
  return { cause: cause.fetchFault, value: bus.memoryAt(pc, 2) === undefined ? pc : pc + 2 }
}

function deniedFetch(address: number): Trap {
  return { cause: cause.fetchFault, value: address >>> 0, by: 'PMP' }
}

function isLong(raw: number): boolean {
  return (raw & 3) === 3
}

/** A trapped instruction takes its cycles but does not retire. */
function trapped(hart: Hart, cycles: number, trap: Trap): undefined {
  hart.cycles += cycles
  hart.takeException(trap)
}

/** One instruction on its way. */
class Execution {
  /** Where the next instruction is. */
  next: number
  /** Cycles beyond the slot's own. */
  extraCycles = 0
  private readonly hart: Hart
  private readonly decoded: Decoded
  private readonly observer: StepObserver
  private readonly slotExtra: number

  /** @param slotExtra cycles that its slot adds when a branch is taken or an access is split */
  constructor(hart: Hart, decoded: Decoded, observer: StepObserver, slotExtra: number) {
    this.hart = hart
    this.decoded = decoded
    this.observer = observer
    this.slotExtra = slotExtra
    this.next = (hart.pc + decoded.length) >>> 0
  }

  run(): Trap | undefined {
    const { hart, decoded } = this
    const { row, imm } = decoded
    const operands = { rs1: hart.x[decoded.rs1]!, rs2: hart.x[decoded.rs2]!, imm, pc: hart.pc | 0 }
    const { effect } = row
    switch (effect.kind) {
      case 'set':
        this.chargeOperands(operands.rs1, operands.rs2)
        this.setDestination(evaluate(effect.value, operands))
        return undefined
      case 'load':
        return this.load(evaluate(effect.address, operands) >>> 0, effect.width)
      case 'store':
        return this.store(evaluate(effect.address, operands) >>> 0, effect.bytes, evaluate(effect.value, operands))
      case 'atomic':
        return this.atomic(operands.rs1 >>> 0, operands.rs2, effect.operation)
      case 'branch':
        return this.branch(evaluate(effect.condition, operands) !== 0, (hart.pc + imm) >>> 0)
      case 'jump':
        return this.jump((evaluate(effect.target, operands) & ~1) >>> 0)
      case 'system':
        return executeSystem(hart, decoded, this.observer, (target) => {
          this.next = target
        })
    }
  }

  private setDestination(value: number): void {
    if (this.decoded.rd !== 0) this.hart.x[this.decoded.rd] = value
  }

  private chargeOperands(a: number, b: number): void {
    this.extraCycles += this.hart.code.operandCycles[this.decoded.index]?.of(a, b) ?? 0
  }

  private branch(taken: boolean, target: number): Trap | undefined {
    const trap = taken ? this.goTo(target) : undefined
    if (trap !== undefined) return trap
    this.count('branches')
    if (!taken) return undefined
    this.count('taken')
    this.extraCycles += this.slotExtra
    return undefined
  }

  /** Counts an event where the fast engines do too, so that all of them leave the same counts behind. */
  private count(event: 'loads' | 'stores' | 'branches' | 'taken' | 'dmaStalls', times = 1): void {
    if (this.hart.observed) this.hart.counts[event] += times
  }

  private jump(target: number): Trap | undefined {
    const { hart, decoded } = this
    const trap = this.goTo(target)
    if (trap !== undefined) return trap
    if (decoded.row.format === 'jalr' && hart.timing.entry !== undefined) {
      this.extraCycles += hart.code.entryCycles(target)
    }
    this.setDestination(hart.pc + decoded.length)
    return undefined
  }

  private goTo(target: number): Trap | undefined {
    if (!this.hart.compressed && (target & 2) !== 0) return { cause: cause.fetchMisaligned, value: target }
    this.next = target
    return undefined
  }

  /** The exception that a debug trigger raises instead of an access. */
  private breakpoint(accesses: number, address: number, bytes: number): Trap | undefined {
    const { triggers } = this.hart.csrs
    return triggers.armed.length === 0 ? undefined : triggers.fire(accesses, address, bytes)
  }

  private load(address: number, { bytes, signed }: LoadWidth): Trap | undefined {
    const { hart } = this
    const misaligned = (address & (bytes - 1)) !== 0
    const breakpoint = this.breakpoint(TRIGGER_LOAD, address, bytes)
    if (breakpoint !== undefined) return breakpoint
    if (misaligned && !hart.misalignedHardware) return { cause: cause.loadMisaligned, value: address }
    if (!hart.protection.allows(PMP_READ, address, bytes)) return denied(cause.loadFault, address)
    if (hart.busFaults?.fails('load', address, bytes)) return refused(cause.loadFault, address)
    const value = misaligned ? this.readBytes(address, bytes) : hart.bus.read(address, bytes)
    if (value === undefined) return { cause: cause.loadFault, value: this.failingPart(address, bytes) }
    this.chargeAccess(address, bytes)
    this.count('loads')
    const unused = 32 - bytes * 8
    this.setDestination(signed ? (value << unused) >> unused : value)
    this.observer.load?.(address, bytes)
    return undefined
  }

  private store(address: number, bytes: 1 | 2 | 4, value: number): Trap | undefined {
    const { hart } = this
    const misaligned = (address & (bytes - 1)) !== 0
    const breakpoint = this.breakpoint(TRIGGER_STORE, address, bytes)
    if (breakpoint !== undefined) return breakpoint
    if (misaligned && !hart.misalignedHardware) return { cause: cause.storeMisaligned, value: address }
    if (!hart.protection.allows(PMP_WRITE, address, bytes)) return denied(cause.storeFault, address)
    if (hart.busFaults?.fails('store', address, bytes)) return refused(cause.storeFault, address)
    const unsigned = bytes === 4 ? value >>> 0 : value & ((1 << (bytes * 8)) - 1)
    const stored = misaligned ? this.writeBytes(address, bytes, value) : hart.bus.write(address, bytes, unsigned)
    if (!stored) return { cause: cause.storeFault, value: this.failingPart(address, bytes, 'store') }
    this.chargeAccess(address, bytes)
    this.count('stores')
    this.observer.store?.(address, bytes, unsigned)
    return undefined
  }

  /**
   * lr, sc and amo (unprivileged ISA, chapter 14): aligned, and in memory only. Everything but lr counts as a store, so
   * an amo that may not read or write has a store fault.
   */
  private atomic(address: number, operand: number, operation: AtomicOperation): Trap | undefined {
    const { hart } = this
    const reads = operation === 'lr'
    const accesses = reads ? TRIGGER_LOAD : operation === 'sc' ? TRIGGER_STORE : TRIGGER_LOAD | TRIGGER_STORE
    const breakpoint = this.breakpoint(accesses, address, 4)
    if (breakpoint !== undefined) return breakpoint
    if ((address & 3) !== 0) return { cause: reads ? cause.loadMisaligned : cause.storeMisaligned, value: address }
    const fault = reads ? cause.loadFault : cause.storeFault
    const rights = reads ? [PMP_READ] : operation === 'sc' ? [PMP_WRITE] : [PMP_READ, PMP_WRITE]
    if (!rights.every((right) => hart.protection.allows(right, address, 4))) return denied(fault, address)
    const memory = hart.bus.memoryAt(address, 4)
    const old = memory?.read(address - memory.base, 4)
    if (memory === undefined || old === undefined) return { cause: fault, value: address }
    if (operation === 'lr') return this.loadReserved(address)
    if (operation === 'sc') return this.storeConditional(address, operand)
    if (memory.readOnly) return { cause: fault, value: address }
    const value = operation === 'swap' ? operand : binaryOperators[operation](old | 0, operand)
    return this.load(address, { bytes: 4, signed: true }) ?? this.store(address, 4, value)
  }

  private loadReserved(address: number): Trap | undefined {
    const trap = this.load(address, { bytes: 4, signed: true })
    if (trap === undefined) this.hart.reservation.take(address)
    return trap
  }

  /** Every sc ends the reservation, whether it succeeds or not. */
  private storeConditional(address: number, value: number): Trap | undefined {
    const { reservation } = this.hart
    const holds = reservation.holds(address)
    reservation.clear()
    const trap = holds ? this.store(address, 4, value) : undefined
    if (trap === undefined) this.setDestination(holds ? 0 : 1)
    return trap
  }

  /** Misaligned accesses reach memory only: a device would see a register twice. */
  private readBytes(address: number, bytes: number): number | undefined {
    const memory = this.hart.bus.memoryAt(address, bytes)
    if (memory === undefined) return undefined
    let value = 0
    for (let i = 0; i < bytes; i++) value |= memory.bytes[address - memory.base + i]! << (8 * i)
    return value
  }

  private writeBytes(address: number, bytes: number, value: number): boolean {
    const memory = this.hart.bus.memoryAt(address, bytes)
    if (memory === undefined || memory.readOnly) return false
    const from = Uint8Array.from({ length: bytes }, (_, i) => value >>> (8 * i))
    memory.writeBytes(address - memory.base, from)
    return true
  }

  /** mtval of a failed access: of a misaligned one whose first part is in memory, the second (section 3.1.16). */
  private failingPart(address: number, bytes: number, access: 'load' | 'store' = 'load'): number {
    const memory = this.hart.bus.memoryAt(address, 1)
    const firstFails = memory === undefined || (access === 'store' && memory.readOnly)
    return firstFails || (address & (bytes - 1)) === 0 ? address : ((address + bytes) & -4) >>> 0
  }

  /** Memory accesses pay wait states and contention, twice when the hardware splits them. */
  private chargeAccess(address: number, bytes: number): void {
    const { hart } = this
    const memory = hart.bus.memoryAt(address, bytes)
    const split = (address & 3) + bytes > 4
    if (split) this.extraCycles += this.slotExtra
    if (!(memory instanceof Memory)) return
    const accesses = split ? 2 : 1
    this.extraCycles += accesses * (memory.waitStates + (hart.bus.dmaActive ? 1 : 0))
    if (!hart.bus.dmaActive) return
    hart.bus.hartAccesses += accesses
    this.count('dmaStalls', accesses)
  }
}

/** By a bus error that somebody wants to happen. */
function refused(cause: number, address: number): Trap {
  return { cause, value: address, by: 'injected fault' }
}

function denied(cause: number, address: number): Trap {
  return { cause, value: address, by: 'PMP' }
}
