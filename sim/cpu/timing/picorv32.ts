/**
 * picorv32 (YosysHQ): a state machine without pipeline; the next instruction is fetched while one is carried out.
 * State and signal names are those of picorv32.v, read at commit 87c89acc1899. COMPRESSED_ISA and dual-port registers;
 * rv32im code takes the same cycles without COMPRESSED_ISA. The core traps on misaligned accesses and has no standard
 * control registers but rdcycle and rdinstret: what it would take for the others is a guess here, as are traps.
 */
import { evaluate } from '../evaluate.ts'
import type { TimingClass } from '../instructions/row.ts'
import { add, and, constant, rs2, shrU } from '../instructions/semantics.ts'
import { straddles } from './hazards.ts'
import type { PlacedInstruction, TimingModel } from './timing-model.ts'

interface Configuration {
  readonly name: string
  readonly summary: string
  /** BARREL_SHIFTER; shifts by 4 and by 1 in cpu_state_shift otherwise (TWO_STAGE_SHIFT). */
  readonly barrelShifter: boolean
  /** ENABLE_FAST_MUL; the sequential picorv32_pcpi_mul otherwise. */
  readonly fastMultiplier: boolean
  /** Cycles that memory takes to answer, beyond none. */
  readonly waitStates: 0 | 1
}

/** Cycles from launch_next_insn to the next one, when that is one word to fetch. */
function classCycles({ barrelShifter, fastMultiplier, waitStates }: Configuration): Record<TimingClass, number> {
  // cpu_state_fetch, ld_rs1, exec: as long as one fetch takes.
  const short = 3 + waitStates
  // cpu_state_stmem and ldmem wait for the fetch of the next instruction before they use the memory port.
  const memory = 5 + 2 * waitStates
  return {
    alu: short,
    // cpu_state_shift instead of exec: one cycle to find that nothing is left to shift.
    shift: barrelShifter ? short : 4,
    // Through the co-processor interface.
    mul: fastMultiplier ? 6 : 40,
    mulh: fastMultiplier ? 6 : 72,
    div: 40,
    load: memory,
    store: memory,
    branch: short,
    // Known when it is decoded: cpu_state_fetch goes on at the target.
    jump: short,
    // Nothing is prefetched: fetch, ld_rs1, exec, then cpu_state_fetch waits for the target.
    'jump-register': 6 + waitStates,
    // rdcycle goes from ld_rs1 to fetch, which starts the fetch that prefetching did not finish.
    csr: 4,
    fence: short,
    'fence-i': short,
    system: short,
  }
}

/** Cycles of cpu_state_shift: by 4 as often as it goes, then by 1. */
const shiftSteps = add(shrU(and(rs2, constant(31)), constant(2)), and(rs2, constant(3)))

/** Instructions that take longer than the prefetch of the next word: it costs nothing, and saves nothing. */
const hidesFetch: ReadonlySet<TimingClass> = new Set(['mul', 'mulh', 'div', 'csr'])

function model(configuration: Configuration): TimingModel {
  const { name, summary, barrelShifter, waitStates } = configuration
  const cycles = classCycles(configuration)
  const access = 1 + waitStates

  /** Straight on: the upper half of the word before is at hand (prefetched_high_word), only the rest is fetched. */
  function straightFetch(next: PlacedInstruction | undefined, hidden: boolean): number {
    if (next === undefined || (next.pc & 2) === 0) return 0
    const saved = hidden ? 0 : waitStates
    return (straddles(next) ? access : 0) - saved
  }

  /** After a jump both words of a straddling instruction are fetched (clear_prefetched_high_word). */
  const targetFetch = (target: PlacedInstruction | undefined) => (straddles(target) ? access : 0)

  /**
   * With wait states, next_pc is already the target's when the fetch of the instruction after the branch is answered.
   * For a target in the upper half of a word, that word's upper half is looked at; if it looks like the
   * first half of a 32-bit instruction, its second half is fetched, and thrown away (mem_la_firstword).
   */
  function wrongPath(branch: PlacedInstruction): number {
    const next = branch.next()
    const target = branch.target()
    if (waitStates === 0 || next === undefined || target === undefined) return 0
    if ((next.pc & 2) !== 0 || (target.pc & 2) === 0) return 0
    const upper = next.length === 4 ? next.raw >>> 16 : (next.next()?.raw ?? 0)
    if ((upper & 3) !== 3) return 0
    return straddles(target) ? 5 : 3
  }

  function fetchAfter(placed: PlacedInstruction): number {
    const { timing } = placed.row
    if (timing === 'jump') return targetFetch(placed.target())
    if (timing === 'jump-register') return 0
    return straightFetch(placed.next(), hidesFetch.has(timing))
  }

  return {
    name,
    summary,
    instruction(placed) {
      const { timing, format } = placed.row
      const steps =
        timing === 'shift' && format === 'shift' && !barrelShifter
          ? evaluate(shiftSteps, { rs1: 0, rs2: placed.imm, imm: 0, pc: 0 })
          : 0
      // The condition is known when the next word has been fetched; the target is fetched after that.
      const taken = 2 + waitStates + targetFetch(placed.target()) + wrongPath(placed)
      const fetch = fetchAfter(placed)
      return {
        cycles: cycles[timing] + fetch + steps,
        // Where the upper half of a word is at hand, the fetch takes less than the class says, which is no wait.
        fetch: Math.max(0, fetch),
        taken: timing === 'branch' ? taken : 0,
      }
    },
    entry: targetFetch,
    operandCycles: ({ timing, format }) =>
      timing === 'shift' && format === 'R' && !barrelShifter ? shiftSteps : undefined,
    trap: 0,
  }
}

const fast: Configuration = {
  name: 'picorv32',
  summary: 'picorv32, barrel shifter, fast multiplier, no wait states',
  barrelShifter: true,
  fastMultiplier: true,
  waitStates: 0,
}
const noshift: Configuration = {
  ...fast,
  name: 'picorv32-noshift',
  summary: 'picorv32, serial shifter, fast multiplier, no wait states',
  barrelShifter: false,
}

export const picorv32 = model(fast)
export const picorv32Noshift = model(noshift)
export const picorv32Small = model({
  ...noshift,
  name: 'picorv32-small',
  summary: 'picorv32, serial shifter and multiplier, no wait states',
  fastMultiplier: false,
})
export const picorv32Ws1 = model({
  ...fast,
  name: 'picorv32-ws1',
  summary: 'picorv32, barrel shifter, fast multiplier, one wait state',
  waitStates: 1,
})
