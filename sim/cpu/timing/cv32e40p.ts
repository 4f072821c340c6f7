/**
 * CV32E40P (OpenHW), four stages, without FPU and custom extensions, with memory that answers in the next cycle.
 * Module names are those of the RTL, read at commit 6033d2b1be32. An instruction's cycles are counted from its entry
 * into EX to that of the next one. Not modelled: wake-up from wfi; a jump from a register, hidden behind a
 * multi-cycle instruction, to code that begins with a return; a load before a taken branch before a jump through
 * the loaded register (charged as if the branch were not taken).
 */
import { csr } from '../csr/rows.ts'
import type { TimingClass } from '../instructions/row.ts'
import { clz, constant, ltS, rs2, shrS, sub, xor } from '../instructions/semantics.ts'
import { isJump, reads, straddles } from './hazards.ts'
import type { PlacedInstruction, TimingModel } from './timing-model.ts'

const cycles: Readonly<Record<TimingClass, number>> = {
  alu: 1,
  shift: 1,
  mul: 1,
  // cv32e40p_mult, mulh_CS: IDLE_MULT, STEP0, STEP1, STEP2, FINISH.
  mulh: 5,
  // cv32e40p_alu_div: IDLE, DIVIDE once and once more for every leading zero of the divisor, FINISH.
  div: 3,
  load: 1,
  store: 1,
  branch: 1,
  // Jumps are taken in ID: the target arrives a cycle later and is in ID after another one.
  jump: 2,
  'jump-register': 2,
  csr: 1,
  // cv32e40p_decoder takes fence for fence.i; both flush, then fetch the next instruction again.
  fence: 4,
  'fence-i': 4,
  system: 1,
}

/** Leading zeros of the divisor; one less than its leading ones when it is negative (cv32e40p_alu, div_shift). */
const unsignedDivideSteps = clz(rs2)
const signedDivideSteps = sub(clz(xor(rs2, shrS(rs2, constant(31)))), ltS(rs2, constant(0)))

/** cv32e40p_controller: DECODE, FLUSH_EX, FLUSH_WB, and the refill of ID. mret has XRET_JUMP in between. */
const FLUSHED = 4
const MRET = 5

/** Branches are decided in EX: two younger instructions are thrown away. */
const TAKEN = 2

const MVENDORID = 0xf11
const MHARTID = 0xf14

/** CSRs without side effects on the pipeline (cv32e40p_decoder, csr_status_o stays 0). */
const freely: readonly number[] = [csr.misa, csr.mie, csr.mscratch, csr.mtval, csr.mip]
const isFree = (number: number) => freely.includes(number) || (number >= MVENDORID && number <= MHARTID)

/** A straddling target needs a second word (cv32e40p_aligner, BRANCH_MISALIGNED). Straight code never waits for it. */
const targetFetch = (target: PlacedInstruction | undefined) => (straddles(target) ? 1 : 0)

function flushes({ row, imm }: PlacedInstruction): boolean {
  return row.timing === 'fence' || row.timing === 'fence-i' || (row.timing === 'csr' && !isFree(imm))
}

/** Whether the instruction stays in EX for several cycles. */
const isLong = ({ row }: PlacedInstruction) => row.timing === 'mulh' || row.timing === 'div'

const writesFromEx: ReadonlySet<TimingClass> = new Set(['alu', 'shift', 'mul', 'mulh', 'div', 'csr'])

/** Whether the result is written at the end of EX, by the ALU's port. */
const hasExResult = ({ row }: PlacedInstruction) => writesFromEx.has(row.timing)

const jumpsThrough = (placed: PlacedInstruction | undefined, register: number) =>
  placed !== undefined && placed.row.timing === 'jump-register' && reads(placed, register)

function ownCycles(placed: PlacedInstruction): number {
  if (placed.row.name === 'mret') return MRET
  if (placed.row.timing === 'csr') return isFree(placed.imm) ? cycles.csr : FLUSHED
  return cycles[placed.row.timing] + fetchAfter(placed)
}

/** Cycles that the place of what follows costs. */
function fetchAfter(placed: PlacedInstruction): number {
  const { timing } = placed.row
  if (timing === 'jump') return targetFetch(placed.target())
  return timing !== 'csr' && flushes(placed) ? targetFetch(placed.next()) : 0
}

/** Cycles that the instructions after a load wait for it (cv32e40p_controller, load_stall_o and jr_stall_o). */
function loadStall({ rd }: PlacedInstruction, next: PlacedInstruction): number {
  // A jalr has no forwarding from WB: it waits until the register file has the value.
  if (jumpsThrough(next, rd)) return 2
  if (reads(next, rd)) return 1
  // The ALU must not overtake the load on the way to the same register; x0 is no exception.
  if (hasExResult(next) && next.rd === rd) return 1
  if (isJump(next) || isLong(next) || flushes(next)) return 0
  // The load is in WB while its second successor is in ID; if that is a jalr, see above.
  const overwritten = next.row.timing === 'load' && next.rd === rd
  return jumpsThrough(next.next(), rd) && !overwritten ? 1 : 0
}

/** Cycles that the next instruction waits for a result from EX, or gains by waiting for EX. */
function exStall(placed: PlacedInstruction, next: PlacedInstruction): number {
  // jalr: no forwarding from EX either (jr_stall_o).
  if (hasExResult(placed) && !flushes(placed) && jumpsThrough(next, placed.rd)) return 1
  return isLong(placed) && hidesJump(next) ? -1 : 0
}

/**
 * A jump that waits in ID behind a long instruction has already fetched its target (cv32e40p_controller, jump_done_q),
 * so its bubble is gone. If the target is a return through the link register just written, it waits for that instead.
 */
function hidesJump(next: PlacedInstruction): boolean {
  return isJump(next) && !jumpsThrough(next.target(), next.rd)
}

/** The second access of a split one takes a cycle (cv32e40p_load_store_unit), unless a jump's bubble is hidden in it. */
function splitCycles(placed: PlacedInstruction, next: PlacedInstruction | undefined): number {
  if (next === undefined || !isJump(next)) return 1
  // Here the jump waits for the load in any case, or the link register for the load of the same one.
  const waits = placed.row.timing === 'load' && (reads(next, placed.rd) || next.rd === placed.rd)
  return waits ? 1 : 0
}

export const cv32e40p: TimingModel = {
  name: 'cv32e40p',
  summary: 'CV32E40P, four stages',
  instruction(placed) {
    const { timing } = placed.row
    const next = placed.next()
    const stall = next === undefined ? 0 : timing === 'load' ? loadStall(placed, next) : exStall(placed, next)
    return {
      cycles: ownCycles(placed) + stall,
      // A jump that hides behind a long instruction takes one of its cycles away, which is no wait.
      hazard: Math.max(0, stall),
      fetch: fetchAfter(placed),
      taken: timing === 'branch' ? TAKEN + targetFetch(placed.target()) : 0,
      split: splitCycles(placed, next),
    }
  },
  entry: targetFetch,
  operandCycles({ timing, name }) {
    if (timing !== 'div') return undefined
    return name === 'div' || name === 'rem' ? signedDivideSteps : unsignedDivideSteps
  },
  trap: FLUSHED - 1,
}
