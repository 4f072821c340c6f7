/**
 * Ibex (lowRISC) with memory that answers in the next cycle. Two configurations: `ibex` is the two-stage core with the
 * fast multi-cycle multiplier; `ibex-maxperf` adds the writeback stage, the branch-target ALU and the single-cycle
 * multiplier. Module names are those of the RTL, read at commit 246849ed1063. Not modelled: wake-up from wfi, and
 * mret to a straddling instruction (a cycle more).
 */
import { csr } from '../csr/rows.ts'
import type { TimingClass } from '../instructions/row.ts'
import { constant, mul, ne, rs2 } from '../instructions/semantics.ts'
import { reads, straddles, writesCsr } from './hazards.ts'
import type { PlacedInstruction, TimingModel } from './timing-model.ts'

interface Configuration {
  readonly name: string
  readonly summary: string
  /** Cycles in ID/EX, with the fetch bubble that follows a jump. */
  readonly cycles: Readonly<Record<TimingClass, number>>
  /** More cycles of a taken branch. */
  readonly taken: number
  /** Whether loads finish in a stage of their own. */
  readonly writeback: boolean
}

const common = {
  alu: 1,
  shift: 1,
  // ibex_multdiv_fast, md_state_q: MD_IDLE and MD_FINISH; what lies between depends on the divisor.
  div: 2,
  branch: 1,
  csr: 1,
  fence: 1,
  // A jump to the next instruction (ibex_decoder): the prefetch buffer starts anew.
  'fence-i': 2,
  system: 1,
  // The target is requested when the jump is in ID, arrives a cycle later, is in ID after another one.
  jump: 2,
  'jump-register': 2,
}

/** MD_ABS_A, MD_ABS_B, 31 of MD_COMP, MD_LAST, MD_CHANGE_SIGN: left out when the divisor is zero. */
const divideSteps = mul(ne(rs2, constant(0)), constant(35))

/** Cycles of the FLUSH state and of refilling ID after it (ibex_controller). */
const FLUSH = 2

/** CSRs that are written without a flush (ibex_id_stage, no_flush_csr_addr). */
const unflushed: readonly number[] = [csr.mscratch, csr.mepc]

const small: Configuration = {
  name: 'ibex',
  summary: 'Ibex, two stages, fast multi-cycle multiplier',
  // Without writeback stage, loads and stores wait in ID/EX for their response (ibex_id_stage, stall_mem).
  // ibex_multdiv_fast, mult_state_q: ALBL ALBH AHBL, and AHBH for the high half.
  cycles: { ...common, load: 2, store: 2, mul: 3, mulh: 4 },
  // The ALU compares first and adds the target in a second cycle (ibex_id_stage, branch_set_raw_q); then the bubble.
  taken: 2,
  writeback: false,
}

const maxperf: Configuration = {
  name: 'ibex-maxperf',
  summary: 'Ibex, three stages, branch-target ALU, single-cycle multiplier',
  cycles: { ...common, load: 1, store: 1, mul: 1, mulh: 2 },
  taken: 1,
  writeback: true,
}

/**
 * A taken branch or jump to a straddling instruction: ibex_fetch_fifo has nothing of the second word yet. In straight
 * code it runs a word ahead, so alignment costs nothing there.
 */
const targetFetch = (target: PlacedInstruction | undefined) => (straddles(target) ? 1 : 0)

function fetchAfter(placed: PlacedInstruction): number {
  if (placed.row.timing === 'jump') return targetFetch(placed.target())
  return placed.row.timing === 'fence-i' ? targetFetch(placed.next()) : 0
}

/** A load's value comes in the writeback stage; the next instruction waits for it in ID (ibex_id_stage, stall_ld_hz). */
function loadUse(placed: PlacedInstruction): number {
  if (placed.row.timing !== 'load') return 0
  const next = placed.next()
  return next !== undefined && reads(next, placed.rd) ? 1 : 0
}

/** Whether the FLUSH state stands between this instruction and the next one. */
function flushes(placed: PlacedInstruction): boolean {
  if (placed.row.name === 'mret') return true
  return placed.row.timing === 'csr' && writesCsr(placed) && !unflushed.includes(placed.imm)
}

const model = ({ name, summary, cycles, taken, writeback }: Configuration): TimingModel => ({
  name,
  summary,
  instruction(placed) {
    const { timing } = placed.row
    const flush = flushes(placed) ? FLUSH : 0
    const hazard = writeback ? loadUse(placed) : 0
    const fetch = fetchAfter(placed)
    return {
      cycles: cycles[timing] + fetch + flush + hazard,
      hazard,
      fetch,
      taken: timing === 'branch' ? taken + targetFetch(placed.target()) : 0,
      // ibex_load_store_unit, WAIT_RVALID_MIS: the second access is requested when the first one is answered.
      split: 1,
    }
  },
  entry: targetFetch,
  operandCycles: ({ timing }) => (timing === 'div' ? divideSteps : undefined),
  // Two cycles more than the instruction's own, like mret: FLUSH sets the pc, the handler's first word arrives.
  trap: 2,
})

export const ibex = model(small)
export const ibexMaxperf = model(maxperf)
