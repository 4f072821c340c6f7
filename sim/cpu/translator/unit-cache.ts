/**
 * The modules that exist: their functions in a table, the entries by which they are found (`Memory.entries`, and marks
 * in the code cache at which the interpreter stops), and the lines of memory that they were made from. A write to such a
 * line drops a module; everything is dropped together when the host keeps too much.
 */
import { LINE_CODE } from '../../bus/memory.ts'
import type { Hart } from '../hart.ts'
import { OPCODE_TRANSLATED } from '../interpreter/opcodes.ts'
import type { CodeView } from './code-view.ts'
import { type Dispatch, dispatcherModule } from './dispatcher.ts'
import { type Exit, ExitTable } from './exits.ts'
import type { Region } from './region.ts'
import { type SharedEnvironment, unitModule } from './unit.ts'

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

export class UnitCache {
  private readonly hart: Hart
  private readonly code: CodeView
  private exits = new ExitTable()
  private table = newTable()
  /** Undefined until something is translated: programs that never become hot shall not wait for it. */
  private dispatch: Dispatch | undefined
  private readonly units = new Set<Unit>()
  private readonly owners = new Map<number, Unit>()
  private readonly unitsByLine = new Map<number, Set<Unit>>()
  private freeSlots: number[] = []
  private nextSlot = 1
  private bytes = 0
  private dropped = 0
  /** Whether every instruction of all modules takes one cycle: they do not count instructions then. */
  private uniform: boolean
  /** Modules made so far. */
  modules = 0

  constructor(hart: Hart, code: CodeView) {
    this.hart = hart
    this.code = code
    this.uniform = hart.memory.waitStates === 0
    hart.memory.onFlaggedWrite(LINE_CODE, (address, length) => this.invalidate(address, length))
  }

  /** Function for the code at `pc`, 0 when there is none. */
  slotAt(pc: number): number {
    const { memory } = this.hart
    return memory.entries[(pc - memory.base) >>> 1]! & 0xffff
  }

  /** The module that is entered at `entry`. */
  unitAt(entry: number): Unit | undefined {
    return this.owners.get(entry)
  }

  /** Instructions of the largest module that holds the one at `pc`; 0 when there is none. */
  sizeAround(pc: number): number {
    let size = 0
    for (const { addresses } of this.unitsByLine.get(pc >>> LINE_SHIFT) ?? []) {
      if (addresses.has(pc)) size = Math.max(size, addresses.size)
    }
    return size
  }

  /**
   * Runs translated code for at most `budget` cycles, and counts cycles and instructions up to where it was left.
   *
   * @returns where execution goes on: an exit's code (odd), or an address for which there is no function
   */
  run(slot: number, budget: number): number {
    const { hart } = this
    const { registers } = hart.memory
    registers[INSTRUCTIONS_WORD] = 0
    const next = this.dispatch!(slot, budget)
    const cycles = budget - registers[BUDGET_WORD]!
    hart.cycles += cycles
    hart.instructions += this.uniform ? cycles : registers[INSTRUCTIONS_WORD]!
    return next
  }

  /** What the code of an exit stands for. */
  exit(code: number): Exit {
    return this.exits.get(code)
  }

  /** The address that a jump by register led to, after an exit of kind `jump` or `callee`. */
  get jumpTarget(): number {
    return this.hart.memory.registers[TARGET_WORD]! >>> 0
  }

  /** Whether a module of these regions can be added to those that exist. */
  hasRoomFor(regions: readonly Region[]): boolean {
    const { bytes, exits, dropped, nextSlot } = this
    if (this.uniform && !regions.every((region) => isUniform(region, this.code))) return false
    if (bytes > CACHE_BYTES || exits.size > MOST_EXITS || dropped > MOST_DROPPED) return false
    return nextSlot + regions.length <= MOST_FUNCTIONS
  }

  /** Makes a module of these regions. */
  add(regions: readonly Region[]): void {
    this.uniform &&= regions.every((region) => isUniform(region, this.code))
    this.dispatch ??= this.makeDispatcher()
    const module = unitModule(this.environment(), regions)
    const functions = this.instantiate(module)
    const unit = {
      regions,
      addresses: new Set(regions.flatMap(addressesOf)),
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
    for (const line of linesOf(unit)) this.unitsOf(line).add(unit)
  }

  drop(unit: Unit): void {
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

  /** Drops all modules, with everything by which the host keeps them. */
  dropAll(): void {
    for (const unit of [...this.units]) this.drop(unit)
    this.exits = new ExitTable()
    this.table = newTable()
    this.dispatch = undefined
    this.dropped = 0
    this.freeSlots = []
    this.nextSlot = 1
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

  private unitsOf(line: number): Set<Unit> {
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
}

/** Translated functions, by slot. */
function newTable(): WebAssembly.Table {
  return new WebAssembly.Table({ initial: 64, element: 'anyfunc' })
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
