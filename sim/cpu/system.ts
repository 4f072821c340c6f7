import { type CsrRow, csr } from './csr/rows.ts'
import type { Decoded } from './decoder.ts'
import type { Hart } from './hart.ts'
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
      return { cause: cause.machineCall, value: 0 }
    case 'ebreak': {
      const served = hart.hostCall()
      if (served === 'wait') goTo(hart.pc)
      return served === undefined ? { cause: cause.breakpoint, value: hart.pc } : undefined
    }
    case 'mret':
      hart.returnFromTrap()
      observer.csrWrite?.(csr.mstatus, hart.csrs.read(csr.mstatus))
      goTo(hart.pc)
      return undefined
    case 'wfi':
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
  const row = hart.csrs.row(address)
  if (row === undefined || (writes && readOnly)) {
    return { cause: cause.illegalInstruction, value: decoded.raw }
  }
  const old = hart.csrs.read(address)
  if (writes) {
    const value = operation(old, operand)
    hart.csrs.write(address, value)
    observer.csrWrite?.(address, counts(row) ? value : hart.csrs.read(address))
  }
  if (decoded.rd !== 0) hart.x[decoded.rd] = old
  return undefined
}

/** Registers that change by themselves: what is written is not what the next read finds. */
function counts(row: CsrRow): boolean {
  return row.read !== undefined && row.write !== undefined
}
