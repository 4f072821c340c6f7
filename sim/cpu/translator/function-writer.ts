/**
 * Writes a region as one WebAssembly function (budget, depth) -> (next, budget).
 *
 * `budget` is the number of cycles that may pass; `depth` is how many more calls may nest. Guest registers live in
 * locals: they are loaded at the start, and stored before calls and at the one way out. The counters are updated
 * once for each path between joins of the control flow; an exit in the middle of a path names what they lack.
 */
import type { ExitTable, Pending } from './exits.ts'
import { regionUse, registersOf } from './operands.ts'
import type { LeaveReason, Region } from './region.ts'
import { constantTerm, type Scratch, type Term } from './term.ts'
import { FunctionBody, type Label } from './wasm/function-body.ts'

/** What a function needs to know of the translator and of the module it will be part of. */
export interface UnitEnvironment {
  readonly exits: ExitTable
  /** Bus address and bytes of the memory that is accessed directly; code in its first `codeBytes` bytes can be translated. */
  readonly memory: { readonly base: number; readonly size: number; readonly codeBytes: number }
  /** Offsets in the host memory. */
  readonly layout: {
    readonly lineFlags: number
    readonly registers: number
    readonly entries: number
    readonly instructions: number
    readonly jumpTarget: number
  }
  /** Every instruction takes one cycle: instructions need no counter of their own. */
  readonly uniform: boolean
  readonly compressed: boolean
  /** Index of the function for the region that starts at an address, when the same module holds it. */
  readonly functionAt: (pc: number) => number | undefined
  /** Type of translated functions. */
  readonly regionType: number
  readonly entryCycles: (pc: number) => number
  /** Whether new targets of the jump by register at an address are still of interest. */
  readonly learnsJumps: (pc: number) => boolean
}

const BUDGET = 0
const DEPTH = 1
const PARAMETERS = 2

export class FunctionWriter {
  readonly body = new FunctionBody(PARAMETERS)
  readonly env: UnitEnvironment
  readonly scratch: Scratch
  /** Local for an address or another short-lived value. */
  readonly temporary: number
  /** Registers known to hold a constant at this point of the text. */
  readonly constants = new Map<number, number>()
  /** Registers whose local may be newer than the register file at this point of the text. */
  dirty = 0
  private readonly registers = new Map<number, number>()
  private readonly all: number
  private readonly written: number
  /** Whether every exit stores the registers that are dirty there; else all exits share one place that stores all. */
  private readonly storesAtExits: boolean
  private readonly counted: number
  private readonly entry: number
  private exitLabel: Label = { level: 0 }

  constructor(env: UnitEnvironment, region: Region) {
    this.env = env
    this.entry = region.entry
    const { reads, writes } = regionUse(region)
    for (const register of registersOf(reads | writes)) this.registers.set(register, this.body.local())
    this.all = reads | writes
    this.written = writes
    this.storesAtExits = region.blocks.some(({ end }) => end.kind === 'call')
    this.counted = this.body.local()
    this.temporary = this.body.local()
    this.scratch = { a: this.body.local(), b: this.body.local() }
  }

  /**
   * Writes the frame of the function around what `inside` writes, which must leave by exits only.
   *
   * @param needed registers that the first block needs
   */
  write(needed: number, inside: () => void): Uint8Array {
    const { body } = this
    this.loadRegisters(this.storesAtExits ? needed : this.all)
    this.exitLabel = body.block('i32')
    inside()
    body.op('unreachable')
    body.end()
    if (!this.storesAtExits) this.storeRegisters(this.written)
    this.storeCounted()
    body.get(BUDGET)
    return body.finish()
  }

  /** Value of a register. */
  register(register: number): Term {
    if (register === 0) return constantTerm(0)
    const constant = this.constants.get(register)
    return constant === undefined ? { kind: 'local', local: this.registers.get(register)! } : constantTerm(constant)
  }

  /** Sets a register to the value on the stack; `constant` when it is known. */
  setRegister(register: number, constant?: number): void {
    if (constant === undefined) this.constants.delete(register)
    else this.constants.set(register, constant)
    this.dirty |= 1 << register
    this.body.set(this.registers.get(register)!)
  }

  /** Adds to the counters. */
  flush({ cycles, instructions }: Pending): void {
    const { body, env } = this
    if (cycles !== 0) {
      body.get(BUDGET)
      body.const(cycles)
      body.op('i32.sub')
      body.set(BUDGET)
    }
    if (instructions !== 0 && !env.uniform) {
      body.get(this.counted)
      body.const(instructions)
      body.op('i32.add')
      body.set(this.counted)
    }
  }

  /** Takes the cycles that `cycles` puts on the stack off the budget. */
  charge(cycles: () => void): void {
    const { body } = this
    body.get(BUDGET)
    cycles()
    body.op('i32.sub')
    body.set(BUDGET)
  }

  /** Leaves the function. */
  leave(reason: LeaveReason, pc: number, pending: Pending): void {
    if (this.storesAtExits) this.storeRegisters(this.dirty)
    this.body.const(this.exitCode(reason, pc, pending))
    this.body.br(this.exitLabel)
  }

  /** Leaves the function when what `condition` puts on the stack is not zero. */
  leaveIf(condition: () => void, reason: LeaveReason, pc: number, pending: Pending): void {
    const { body } = this
    if (this.storesAtExits) {
      condition()
      body.if()
      this.leave(reason, pc, pending)
      body.end()
    } else {
      body.const(this.exitCode(reason, pc, pending))
      condition()
      body.brIf(this.exitLabel)
      body.op('drop')
    }
  }

  /** Leaves the function for the guest address in a local, where a jump by register leads. */
  leaveTo(local: number): void {
    if (this.storesAtExits) this.storeRegisters(this.dirty)
    this.body.get(local)
    this.body.br(this.exitLabel)
  }

  /** Leaves when fewer than `cycles` cycles are left. */
  checkBudget(cycles: number, pc: number, pending: Pending): void {
    const { body } = this
    this.leaveIf(
      () => {
        body.get(BUDGET)
        body.const(cycles)
        body.op('i32.lt_s')
      },
      'horizon',
      pc,
      pending,
    )
  }

  /** Pushes 1 when no call may nest deeper. */
  atDepthLimit(): void {
    this.body.get(DEPTH)
    this.body.op('i32.eqz')
  }

  /**
   * Calls a function, which must come back to `back`; else leaves with whatever it came back with. `callee` writes the
   * call itself, with the arguments on the stack.
   *
   * @param back where it must come back to, and the registers needed there
   */
  callRegion(callee: () => void, back: { readonly pc: number; readonly needed: number }): void {
    const { body, env } = this
    this.storeRegisters(this.dirty)
    this.storeCounted()
    body.get(BUDGET)
    body.get(DEPTH)
    body.const(1)
    body.op('i32.sub')
    callee()
    body.set(BUDGET)
    body.tee(this.temporary)
    body.const(back.pc)
    body.op('i32.ne')
    body.if()
    body.get(this.temporary)
    body.get(BUDGET)
    body.op('return')
    body.end()
    this.flush({ cycles: env.entryCycles(back.pc >>> 0), instructions: 0 })
    this.loadRegisters(back.needed)
    this.dirty = 0
    this.constants.clear()
  }

  private exitCode(reason: LeaveReason, pc: number, pending: Pending): number {
    return this.env.exits.add({ reason, pc, region: this.entry, ...pending })
  }

  private loadRegisters(registers: number): void {
    for (const register of registersOf(registers)) {
      this.body.const(0)
      this.body.access('i32.load', this.env.layout.registers + register * 4)
      this.body.set(this.registers.get(register)!)
    }
  }

  private storeRegisters(registers: number): void {
    for (const register of registersOf(registers)) {
      this.body.const(0)
      this.body.get(this.registers.get(register)!)
      this.body.access('i32.store', this.env.layout.registers + register * 4)
    }
  }

  /** Adds the instructions counted since the start or the last call to the count in memory. */
  private storeCounted(): void {
    const { body, env } = this
    if (env.uniform) return
    body.const(0)
    body.const(0)
    body.access('i32.load', env.layout.instructions)
    body.get(this.counted)
    body.op('i32.add')
    body.access('i32.store', env.layout.instructions)
    body.const(0)
    body.set(this.counted)
  }
}
