import { csr } from './csr/rows.ts'
import type { Decoded } from './decoder.ts'
import type { Hart } from './hart.ts'
import { USER } from './pmp.ts'
import type { StepObserver } from './step.ts'
import { cause, type Trap } from './trap.ts'

const CSR_OPERATIONS = {
  csrrw: (_old: number, operand: number) => operand,
  csrrs: (old: number, operand: number) => old | operand,
  csrrc: (old: number, operand: number) => old & ~operand,
}

/**
 * Carries out an instruction whose effect lies in the hart's control state.
 *
 * @param goTo called with the next pc when it is not the instruction that follows
 */
export function executeSystem(
  hart: Hart,
  decoded: Decoded,
  observer: StepObserver,
  goTo: (pc: number) => void,
): Trap | undefined {
  const { effect } = decoded.row
  if (effect.kind !== 'system') throw new TypeError(`${decoded.row.name} is no system instruction`)
  switch (effect.call) {
    case 'ecall':
      return { cause: hart.privilege === USER ? cause.userCall : cause.machineCall, value: 0 }
    case 'ebreak': {
      const served = hart.hostCall()
      if (served === 'wait') goTo(hart.pc)
      return served === undefined ? { cause: cause.breakpoint, value: hart.pc } : undefined
    }
    case 'mret':
      if (hart.privilege === USER) return illegal(decoded)
      hart.returnFromTrap()
      observer.csrWrite?.(csr.mstatus, hart.csrs.read(csr.mstatus))
      goTo(hart.pc)
      return undefined
    case 'wfi':
      if (hart.privilege === USER && hart.forbidsWaiting) return illegal(decoded)
      hart.waiting = !hart.interruptPending
      return undefined
    // Memory is coherent, and decoded code follows every write to memory at once.
    case 'fence':
    case 'fence.i':
      return undefined
    case 'csrrw':
    case 'csrrs':
    case 'csrrc':
      return accessCsr(hart, decoded, CSR_OPERATIONS[effect.call], hart.x[decoded.rs1]!, observer)
    case 'csrrwi':
      return accessCsr(hart, decoded, CSR_OPERATIONS.csrrw, decoded.rs1, observer)
    case 'csrrsi':
      return accessCsr(hart, decoded, CSR_OPERATIONS.csrrs, decoded.rs1, observer)
    case 'csrrci':
      return accessCsr(hart, decoded, CSR_OPERATIONS.csrrc, decoded.rs1, observer)
  }
}

/** csrrw always writes; the others only when their operand field is not zero (unprivileged ISA, table 8). */
function accessCsr(
  hart: Hart,
  decoded: Decoded,
  operation: (old: number, operand: number) => number,
  operand: number,
  observer: StepObserver,
): Trap | undefined {
  const address = decoded.imm
  const writes = operation === CSR_OPERATIONS.csrrw || decoded.rs1 !== 0
  const readOnly = address >>> 10 === 3
  if (hart.csrs.row(address) === undefined || (writes && readOnly) || !mayAccess(hart, address)) return illegal(decoded)
  const old = hart.csrs.read(address)
  if (writes) {
    const value = operation(old, operand)
    hart.csrs.write(address, value)
    observer.csrWrite?.(address, isCounter(address) ? value : hart.csrs.read(address))
  }
  if (decoded.rd !== 0) hart.x[decoded.rd] = old
  return undefined
}

/** Bits 9:8 of a register's number are the least mode (section 2.1); mcounteren shows counters to user mode. */
function mayAccess(hart: Hart, address: number): boolean {
  if (hart.privilege !== USER) return true
  if (((address >>> 8) & 3) > USER) return false
  const shadowsCounter = (address & ~0x9f) === csr.cycle
  return !shadowsCounter || ((hart.csrs.get(csr.mcounteren) >>> (address & 31)) & 1) === 1
}

function illegal(decoded: Decoded): Trap {
  return { cause: cause.illegalInstruction, value: decoded.raw }
}

/** Registers that change by themselves: what is written is not what the next read finds. */
function isCounter(address: number): boolean {
  return (address & ~0x9f) === csr.mcycle
}
