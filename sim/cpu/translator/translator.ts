/**
 * The second engine: runs hot code as WebAssembly and everything else in the interpreter.
 *
 * Translated code is entered at the addresses in `Memory.entries`; the interpreter stops there because the slots of
 * the code cache are marked. It is left for whatever is rare, always between two instructions and with exact state:
 * a device access, a misaligned access, a store to code, a control register, code never seen before, or when the
 * time left might not suffice for the way to the next look at it. The interpreter then carries on, so events and
 * limits take effect at the same instruction whatever the engine.
 */
import type { Hart } from '../hart.ts'
import { interpret } from '../interpreter/interpreter.generated.ts'
import { OPCODE_MASK, OPCODE_TRANSLATED } from '../interpreter/opcodes.ts'
import { CodeView } from './code-view.ts'
import { Credit } from './credit.ts'
import type { Exit } from './exits.ts'
import { Hotness, type Thresholds } from './hotness.ts'
import { isLink } from './operands.ts'
import { Stays } from './stays.ts'
import { gatherRegions, UNIT_REGIONS } from './unit.ts'
import { UnitCache } from './unit-cache.ts'

/** Most instructions on the way from hot code to a good place to enter it. */
const MOST_STEPS = 100
/** Most bytes of a loop, as far as the choice of an entry goes. */
const LOOP_BYTES = 4096
/** Most addresses of hot code that wait for translation: two modules' worth. */
const MOST_WAITING = 2 * UNIT_REGIONS
/** Longest stay in translated code, and in new code: V8 replaces a baseline function only when it is called again. */
const SLICE_CYCLES = 1 << 25
const NEW_SLICE_CYCLES = 1 << 19
/** Cycles after which a module's functions are no longer new. */
const WARM_CYCLES = 1 << 26
/** Times the code at an address is made anew, after writes to it or to follow paths that were cold at first. */
const MOST_REMAKES = 12

/** What comes next: go on; the present instruction needs `stepInstruction`; the rest of the time is the interpreter's. */
type Outcome = 'on' | 'step' | 'stuck'

export class Translator {
  private readonly hart: Hart
  private readonly code: CodeView
  private readonly thresholds: Thresholds
  private readonly hotness: Hotness
  private readonly credit: Credit
  private readonly stays: Stays
  private readonly units: UnitCache
  private readonly remakes = new Map<number, number>()
  /** Addresses of hot code that is to be translated. */
  private readonly waiting = new Set<number>()
  /** Cycle from which V8 has had its time with the latest module. */
  private warmAt = 0
  /** Interpreted cycles until the next sample. */
  private untilSample: number

  constructor(hart: Hart, thresholds: Thresholds) {
    this.hart = hart
    this.thresholds = thresholds
    this.hotness = new Hotness(thresholds)
    this.credit = new Credit(thresholds.credit, hart.instructions)
    this.stays = new Stays(thresholds.stays)
    this.untilSample = thresholds.sampleCycles
    this.code = new CodeView({
      code: hart.code,
      decoder: hart.decoder,
      waitStates: hart.memory.waitStates,
      compressed: hart.compressed,
    })
    this.units = new UnitCache(hart, this.code)
  }

  /** Modules made so far. */
  get modules(): number {
    return this.units.modules
  }

  /** Advances the hart to cycle `until`, or to the first instruction that needs `stepInstruction`. As `interpret`. */
  run(until: number): void {
    const { hart } = this
    let outcome: Outcome = hart.bus.dmaActive || hart.observed ? 'stuck' : 'on'
    while (outcome === 'on' && hart.cycles < until) {
      const slot = this.stays.pauseAt(hart.cycles) > 0 ? 0 : this.units.slotAt(hart.pc)
      outcome = slot === 0 ? this.interpret(until) : this.enter(slot, Math.min(until - hart.cycles, this.slice))
    }
    if (outcome === 'stuck') interpret(hart, until, OPCODE_MASK)
  }

  /** Interprets up to translated code, and looks now and then where execution is. */
  private interpret(until: number): Outcome {
    const { hart } = this
    const begin = hart.cycles
    const pause = this.stays.pauseAt(begin)
    const end = Math.min(until, begin + this.untilSample, pause > 0 ? begin + pause : until)
    interpret(hart, end, pause > 0 ? OPCODE_MASK : OPCODE_MASK | OPCODE_TRANSLATED)
    this.untilSample -= hart.cycles - begin
    if (hart.cycles < end) return pause > 0 || this.units.slotAt(hart.pc) === 0 ? 'step' : 'on'
    if (this.untilSample <= 0) {
      this.untilSample = this.thresholds.sampleCycles
      if (this.hotness.sample(hart.pc) && this.maySeek) this.translateAt(this.walkToEntry(until))
      this.translateWaiting()
    }
    return 'on'
  }

  /** Translates hot code. What is part of a region that is entered elsewhere must be hotter the larger that region is. */
  private translateAt(pc: number): void {
    if (this.hotness.again(pc, this.units.sizeAround(pc))) this.await(pc)
  }

  /** Interprets on to where the hot code loops or calls; the present address when it does neither soon. */
  private walkToEntry(until: number): number {
    const { hart } = this
    const begin = hart.pc
    for (let steps = 0; steps < MOST_STEPS && hart.cycles < until; steps++) {
      const { pc, cycles } = hart
      interpret(hart, cycles + 1)
      if (hart.cycles === cycles) break
      const instruction = this.code.instruction(pc)
      const calls =
        instruction !== undefined && instruction.decoded.row.effect.kind === 'jump' && isLink(instruction.decoded.rd)
      if ((calls || isLoop(pc, hart.pc)) && this.mayEnterAt(hart.pc)) return hart.pc
    }
    return begin
  }

  /** Whether code at `pc` could be translated and is not yet. */
  private mayEnterAt(pc: number): boolean {
    return this.units.slotAt(pc) === 0 && this.code.instruction(pc) !== undefined
  }

  private get slice(): number {
    return this.hart.cycles < this.warmAt ? NEW_SLICE_CYCLES : SLICE_CYCLES
  }

  /** Runs translated code for at most `budget` cycles. */
  private enter(slot: number, budget: number): Outcome {
    const { hart } = this
    const begin = hart.cycles
    const next = this.units.run(slot, budget)
    this.stays.note(hart.cycles - begin, hart.cycles)
    if ((next & 1) === 0) {
      this.jumpTo(next >>> 0)
      if (this.units.slotAt(hart.pc) === 0 && this.hotness.return(hart.pc)) this.await(hart.pc)
      this.translateWaiting()
      return 'on'
    }
    const exit = this.units.exit(next)
    hart.cycles += exit.cycles
    hart.instructions += exit.instructions
    return this.leave(exit, hart.cycles > begin)
  }

  private leave(exit: Exit, progress: boolean): Outcome {
    const { hart } = this
    if (exit.reason === 'jump' || exit.reason === 'callee') {
      const target = this.units.jumpTarget
      this.jumpTo(target)
      if (this.units.slotAt(target) === 0) this.arrive(target)
      if (exit.reason === 'callee') return 'on'
      this.code.observeJump(exit.pc, target)
      this.noteExit(exit)
      return 'on'
    }
    hart.pc = exit.pc
    if (exit.reason === 'step') return 'step'
    if (exit.reason === 'horizon') return progress ? 'on' : 'stuck'
    if (this.units.slotAt(exit.pc) === 0) {
      if (exit.reason === 'edge') this.noteExit(exit)
      this.arrive(exit.pc)
    }
    return 'on'
  }

  /** Goes on where a jump by register leads. */
  private jumpTo(pc: number): void {
    const { hart } = this
    hart.pc = pc
    if (hart.timing.entry !== undefined) hart.cycles += hart.code.entryCycles(pc)
  }

  private arrive(pc: number): void {
    if (this.hotness.arrival(pc)) this.await(pc)
    this.translateWaiting()
  }

  /** Lets hot code wait for its translation. */
  private await(pc: number): void {
    if (this.maySeek) this.waiting.add(pc)
  }

  /** Whether more hot code is of interest: not while a module's worth waits for credit. */
  private get maySeek(): boolean {
    return this.waiting.size < MOST_WAITING
  }

  /** Translates what became hot, as soon as that may take time: what has waited together becomes one module. */
  private translateWaiting(): void {
    const { waiting } = this
    if (waiting.size === 0 || !this.credit.allows(this.hart.instructions)) return
    const entries = [...waiting].slice(0, UNIT_REGIONS)
    for (const entry of entries) waiting.delete(entry)
    this.translate(entries)
  }

  /** Makes a region anew when it is left again and again where it could go on by now. */
  private noteExit(exit: Exit): void {
    exit.taken++
    if (exit.taken !== this.thresholds.coldExits) return
    const unit = this.units.unitAt(exit.region)
    if (unit === undefined) return
    const entries = unit.regions.map(({ entry }) => entry)
    if (!this.credit.allows(this.hart.instructions) || !this.mayRemake(exit.region)) return
    this.units.drop(unit)
    this.translate(entries)
  }

  private mayRemake(entry: number): boolean {
    const times = (this.remakes.get(entry) ?? 0) + 1
    this.remakes.set(entry, times)
    return times <= MOST_REMAKES
  }

  /** Translates the code at these addresses. */
  private translate(entries: readonly number[]): void {
    const regions = gatherRegions(this.code, entries, (pc) => this.units.unitAt(pc) !== undefined)
    if (regions.length === 0) return
    this.credit.spend(regions.reduce((sum, { size }) => sum + size, 0))
    if (!this.units.hasRoomFor(regions)) this.startAnew()
    this.units.add(regions)
    this.warmAt = this.hart.cycles + WARM_CYCLES
  }

  /** Drops all modules, and what was found out about code. */
  private startAnew(): void {
    this.units.dropAll()
    this.hotness.forget()
    this.waiting.clear()
    this.code.forget()
    this.remakes.clear()
  }
}

/** A short way back is a loop; a long one may be a return. */
function isLoop(from: number, to: number): boolean {
  return to <= from && from - to < LOOP_BYTES
}
