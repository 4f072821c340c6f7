/**
 * The second engine: runs hot code as WebAssembly and everything else in the interpreter.
 *
 * Translated code is entered at the addresses in `Memory.entries`; the interpreter stops there because the slots of
 * the code cache are marked. It is left for whatever is rare, always between two instructions and with exact state:
 * a device access, a misaligned access, a store to code, a control register, code never seen before, or when the
 * time left might not suffice for the way to the next look at it. The interpreter then carries on, so events and
 * limits take effect at the same instruction whatever the engine.
 */
import { LINE_CODE } from '../../bus/memory.ts'
import type { Hart } from '../hart.ts'
import { interpret } from '../interpreter/interpreter.generated.ts'
import { OPCODE_MASK, OPCODE_TRANSLATED } from '../interpreter/opcodes.ts'
import { CodeView } from './code-view.ts'
import { Credit } from './credit.ts'
import { type Dispatch, dispatcherModule } from './dispatcher.ts'
import { type Exit, ExitTable } from './exits.ts'
import { Hotness, type Thresholds } from './hotness.ts'
import { isLink } from './operands.ts'
import type { Region } from './region.ts'
import { gatherRegions, type SharedEnvironment, UNIT_REGIONS, unitModule } from './unit.ts'

/** Most instructions on the way from hot code to a good place to enter it. */
const MOST_STEPS = 100
/** Most bytes of a loop, as far as the choice of an entry goes. */
const LOOP_BYTES = 4096
/** Most addresses of hot code that wait for translation: two modules' worth. */
const MOST_WAITING = 2 * UNIT_REGIONS
/** Longest stay in translated code, and in new code: V8 replaces a baseline function only when it is called again. */
const SLICE_CYCLES = 1 << 25
const NEW_SLICE_CYCLES = 1 << 19
/** Cycles that stays must have in the mean to pay, and how long the interpreter goes on without translated code otherwise. */
const PAYING_STAY = 60
const PLAIN_CYCLES = 16_384
/** Cycles after which a module's functions are no longer new. */
const WARM_CYCLES = 1 << 26
/** Times the code at an address is made anew, after writes to it or to follow paths that were cold at first. */
const MOST_REMAKES = 12
/** Bytes of modules at which everything is dropped. */
const CACHE_BYTES = 32 << 20
/** Targets of one jump by register that are kept. */
const MOST_TARGETS = 256
/** Bytes before a line of code that may depend on it: see `CodeCache`. */
const REACH_BYTES = 16
const LINE_SHIFT = 6
/** Functions and exits that can be numbered; exits of code that was dropped count, until all is dropped. */
const MOST_FUNCTIONS = 0xffff
const MOST_EXITS = 1 << 18
/** Modules that were dropped one by one: the host keeps them as long as the table that they import. */
const MOST_DROPPED = 32

/** Words of the register file that no register uses: what translated code tells the engine. */
const INSTRUCTIONS_WORD = 40
const TARGET_WORD = 41
const BUDGET_WORD = 42

/** One module. */
interface Unit {
  readonly regions: readonly Region[]
  /** Of all its instructions. */
  readonly addresses: ReadonlySet<number>
  readonly slots: readonly number[]
  readonly bytes: number
}

/** What comes next: go on; the present instruction needs `stepInstruction`; the rest of the time is the interpreter's. */
type Outcome = 'on' | 'step' | 'stuck'

export class Translator {
  private readonly hart: Hart
  private readonly code: CodeView
  private readonly thresholds: Thresholds
  private readonly hotness: Hotness
  private readonly credit: Credit
  private exits = new ExitTable()
  private table = newTable()
  /** Undefined until something is translated: programs that never become hot shall not wait for it. */
  private dispatch: Dispatch | undefined
  private readonly units = new Set<Unit>()
  private readonly owners = new Map<number, Unit>()
  private readonly unitsByLine = new Map<number, Set<Unit>>()
  private readonly remakes = new Map<number, number>()
  /** Addresses of hot code that is to be translated. */
  private readonly waiting = new Set<number>()
  private freeSlots: number[] = []
  private nextSlot = 1
  private bytes = 0
  private dropped = 0
  /** Cycle from which V8 has had its time with the latest module. */
  private warmAt = 0
  /** Stays in translated code since its worth was looked at, and their cycles; cycle up to which it is left alone. */
  private stays = 0
  private stayed = 0
  private plainUntil = 0
  /** Interpreted cycles until the next sample. */
  private untilSample: number
  private uniform: boolean
  /** Modules made so far. */
  modules = 0

  constructor(hart: Hart, thresholds: Thresholds) {
    this.hart = hart
    this.thresholds = thresholds
    this.hotness = new Hotness(thresholds)
    this.credit = new Credit(thresholds.credit, hart.instructions)
    this.untilSample = thresholds.sampleCycles
    const { memory } = hart
    this.uniform = memory.waitStates === 0
    this.code = new CodeView({
      code: hart.code,
      decoder: hart.decoder,
      waitStates: memory.waitStates,
      compressed: hart.compressed,
    })
    memory.onFlaggedWrite(LINE_CODE, (address, length) => this.invalidate(address, length))
  }

  /** Advances the hart to cycle `until`, or to the first instruction that needs `stepInstruction`. As `interpret`. */
  run(until: number): void {
    const { hart } = this
    let outcome: Outcome = hart.bus.dmaActive || hart.observed ? 'stuck' : 'on'
    while (outcome === 'on' && hart.cycles < until) {
      const slot = this.plain ? 0 : this.slotAt(hart.pc)
      outcome = slot === 0 ? this.interpret(until) : this.enter(slot, Math.min(until - hart.cycles, this.slice))
    }
    if (outcome === 'stuck') interpret(hart, until, OPCODE_MASK)
  }

  /** Interprets up to translated code, and looks now and then where execution is. */
  private interpret(until: number): Outcome {
    const { hart } = this
    const { plain } = this
    const begin = hart.cycles
    const end = Math.min(until, begin + this.untilSample, plain ? this.plainUntil : until)
    interpret(hart, end, plain ? OPCODE_MASK : OPCODE_MASK | OPCODE_TRANSLATED)
    this.untilSample -= hart.cycles - begin
    if (hart.cycles < end) return plain || this.slotAt(hart.pc) === 0 ? 'step' : 'on'
    if (this.untilSample <= 0) {
      this.untilSample = this.thresholds.sampleCycles
      if (this.hotness.sample(hart.pc) && this.maySeek) this.translateAt(this.walkToEntry(until))
      this.translateWaiting()
    }
    return 'on'
  }

  /** Translates hot code. What is part of a region that is entered elsewhere must be hotter the larger that region is. */
  private translateAt(pc: number): void {
    let size = 0
    for (const { addresses } of this.unitsByLine.get(pc >>> LINE_SHIFT) ?? []) {
      if (addresses.has(pc)) size = Math.max(size, addresses.size)
    }
    if (this.hotness.again(pc, size)) this.await(pc)
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
    return this.slotAt(pc) === 0 && this.code.instruction(pc) !== undefined
  }

  /** Whether translated code is left alone for a while. */
  private get plain(): boolean {
    const left = this.plainUntil - this.hart.cycles
    // More is left than was ever set when a snapshot was restored.
    return left > 0 && left <= PLAIN_CYCLES
  }

  /** Where translated code is left again and again soon after it was entered, the interpreter is faster without it. */
  private noteStay(cycles: number): void {
    this.stays++
    this.stayed += cycles
    if (this.stays < this.thresholds.stays) return
    if (this.stayed < this.stays * PAYING_STAY) this.plainUntil = this.hart.cycles + PLAIN_CYCLES
    this.stays = 0
    this.stayed = 0
  }

  private get slice(): number {
    return this.hart.cycles < this.warmAt ? NEW_SLICE_CYCLES : SLICE_CYCLES
  }

  /** Function for the code at `pc`, 0 when there is none. */
  private slotAt(pc: number): number {
    const { memory } = this.hart
    return memory.entries[(pc - memory.base) >>> 1]! & 0xffff
  }

  /** Runs translated code for at most `budget` cycles. */
  private enter(slot: number, budget: number): Outcome {
    const { hart } = this
    const { registers } = hart.memory
    registers[INSTRUCTIONS_WORD] = 0
    const next = this.dispatch!(slot, budget)
    const cycles = budget - registers[BUDGET_WORD]!
    hart.cycles += cycles
    hart.instructions += this.uniform ? cycles : registers[INSTRUCTIONS_WORD]!
    this.noteStay(cycles)
    if ((next & 1) === 0) {
      this.jumpTo(next >>> 0)
      if (this.slotAt(hart.pc) === 0 && this.hotness.return(hart.pc)) this.await(hart.pc)
      this.translateWaiting()
      return 'on'
    }
    const exit = this.exits.get(next)
    hart.cycles += exit.cycles
    hart.instructions += exit.instructions
    return this.leave(exit, cycles + exit.cycles > 0)
  }

  private leave(exit: Exit, progress: boolean): Outcome {
    const { hart } = this
    if (exit.reason === 'jump' || exit.reason === 'callee') {
      const target = hart.memory.registers[TARGET_WORD]! >>> 0
      this.jumpTo(target)
      if (this.slotAt(target) === 0) this.arrive(target)
      if (exit.reason === 'callee') return 'on'
      this.code.observeJump(exit.pc, target)
      this.noteExit(exit)
      return 'on'
    }
    hart.pc = exit.pc
    if (exit.reason === 'step') return 'step'
    if (exit.reason === 'horizon') return progress ? 'on' : 'stuck'
    if (this.slotAt(exit.pc) === 0) {
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
    const unit = this.owners.get(exit.region)
    if (unit === undefined) return
    const entries = unit.regions.map(({ entry }) => entry)
    if (!this.credit.allows(this.hart.instructions) || !this.mayRemake(exit.region)) return
    this.drop(unit)
    this.translate(entries)
  }

  private mayRemake(entry: number): boolean {
    const times = (this.remakes.get(entry) ?? 0) + 1
    this.remakes.set(entry, times)
    return times <= MOST_REMAKES
  }

  /** Translates the code at these addresses. */
  private translate(entries: readonly number[]): void {
    const regions = gatherRegions(this.code, entries, (pc) => this.owners.has(pc))
    if (regions.length === 0) return
    this.credit.spend(regions.reduce((sum, { size }) => sum + size, 0))
    if (this.uniform && !regions.every((region) => isUniform(region, this.code))) {
      this.dropAll()
      this.uniform = false
    }
    if (this.isFull(regions.length)) this.dropAll()
    this.dispatch ??= this.makeDispatcher()
    const module = unitModule(this.environment(), regions)
    const functions = this.instantiate(module)
    const addresses = new Set(regions.flatMap(addressesOf))
    const unit = {
      regions,
      addresses,
      slots: regions.map(() => this.freeSlots.pop() ?? this.nextSlot++),
      bytes: module.length,
    }
    regions.forEach((region, index) => {
      this.enterAt(region.entry, unit.slots[index]!, functions[String(index)] as () => void)
      this.owners.set(region.entry, unit)
    })
    this.units.add(unit)
    this.bytes += unit.bytes
    this.modules++
    this.warmAt = this.hart.cycles + WARM_CYCLES
    for (const line of linesOf(unit)) this.unitsAt(line).add(unit)
  }

  private isFull(functions: number): boolean {
    const { bytes, exits, dropped, nextSlot } = this
    if (bytes > CACHE_BYTES || exits.size > MOST_EXITS || dropped > MOST_DROPPED) return true
    return nextSlot + functions > MOST_FUNCTIONS
  }

  private makeDispatcher(): Dispatch {
    const { memory } = this.hart
    const module = dispatcherModule({
      memory: { base: memory.base, size: memory.entries.length * 2 },
      entries: memory.layout.entries,
      budget: memory.layout.registers + BUDGET_WORD * 4,
    })
    return this.instantiate(module).dispatch as Dispatch
  }

  private environment(): SharedEnvironment {
    const { memory, compressed } = this.hart
    const { lineFlags, registers, entries } = memory.layout
    return {
      exits: this.exits,
      memory: { base: memory.base, size: memory.size, codeBytes: memory.entries.length * 2 },
      layout: {
        lineFlags,
        registers,
        entries,
        instructions: registers + INSTRUCTIONS_WORD * 4,
        jumpTarget: registers + TARGET_WORD * 4,
      },
      uniform: this.uniform,
      compressed,
      entryCycles: (pc) => this.code.entryCycles(pc),
      learnsJumps: (pc) => this.code.jumpTargets(pc).size < MOST_TARGETS,
    }
  }

  private instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
    const env = { memory: this.hart.memory.host, table: this.table }
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports
  }

  private enterAt(pc: number, slot: number, run: () => void): void {
    const { memory, code } = this.hart
    while (slot >= this.table.length) this.table.grow(this.table.length)
    this.table.set(slot, run)
    memory.entries[(pc - memory.base) >>> 1] = slot | (this.code.entryCycles(pc) << 16)
    const block = code.blockAt(pc)
    block.code[((pc | 0) - block.base) << 1]! |= OPCODE_TRANSLATED
  }

  private unitsAt(line: number): Set<Unit> {
    const present = this.unitsByLine.get(line)
    if (present !== undefined) return present
    const units = new Set<Unit>()
    this.unitsByLine.set(line, units)
    return units
  }

  /** Drops what was translated from the lines that `length` bytes at `address` lie in. */
  private invalidate(address: number, length: number): void {
    const last = (address + length - 1) >>> LINE_SHIFT
    for (let line = address >>> LINE_SHIFT; line <= last; line++) {
      for (const unit of this.unitsByLine.get(line) ?? []) this.drop(unit)
    }
  }

  private drop(unit: Unit): void {
    const { memory, code } = this.hart
    this.units.delete(unit)
    this.dropped++
    this.bytes -= unit.bytes
    unit.regions.forEach(({ entry }, index) => {
      this.table.set(unit.slots[index]!, null)
      this.freeSlots.push(unit.slots[index]!)
      memory.entries[(entry - memory.base) >>> 1] = 0
      const block = code.blockAt(entry)
      block.code[((entry | 0) - block.base) << 1]! &= ~OPCODE_TRANSLATED
      this.owners.delete(entry)
    })
    for (const line of linesOf(unit)) this.unitsByLine.get(line)?.delete(unit)
  }

  private dropAll(): void {
    for (const unit of [...this.units]) this.drop(unit)
    this.hotness.forget()
    this.waiting.clear()
    this.code.forget()
    this.remakes.clear()
    this.exits = new ExitTable()
    this.table = newTable()
    this.dispatch = undefined
    this.dropped = 0
    this.freeSlots = []
    this.nextSlot = 1
  }
}

/** Translated functions, by slot. */
function newTable(): WebAssembly.Table {
  return new WebAssembly.Table({ initial: 64, element: 'anyfunc' })
}

/** A short way back is a loop; a long one may be a return. */
function isLoop(from: number, to: number): boolean {
  return to <= from && from - to < LOOP_BYTES
}

function addressesOf({ blocks }: Region): number[] {
  return blocks.flatMap(({ instructions }) => instructions.map(({ pc }) => pc))
}

/** Lines of memory that a unit was made from. */
function linesOf({ addresses }: Unit): Set<number> {
  const lines = new Set<number>()
  for (const pc of addresses) lines.add(pc >>> LINE_SHIFT).add((pc + REACH_BYTES - 1) >>> LINE_SHIFT)
  return lines
}

/** Whether every instruction takes exactly one cycle. */
function isUniform({ blocks }: Region, code: CodeView): boolean {
  return blocks.every(
    ({ pc, instructions }) =>
      code.entryCycles(pc) === 0 &&
      instructions.every(
        ({ cycles, taken, operandCycles }) => cycles === 1 && taken === 0 && operandCycles === undefined,
      ),
  )
}
