/** Writes how blocks end: branches, jumps, calls and returns. */
import type { Pending } from './exits.ts'
import type { FunctionWriter } from './function-writer.ts'
import { leavesOf } from './instruction-writer.ts'
import { isLink } from './operands.ts'
import type { BlockEnd, ExpectedTarget, Instruction, Target } from './region.ts'
import { binaryTerm, bind, constantTerm, type Term, writeCondition, writeTerm } from './term.ts'
import type { Label } from './wasm/function-body.ts'

const NOTHING: Pending = { cycles: 0, instructions: 0 }
/** From so many expected targets on, a jump by register goes through a table. */
const TABLE_TARGETS = 4
/** Longest such table. */
const TABLE_ENTRIES = 4096
/** Parts of an entry of `Memory.entries`. */
const ENTRY_FUNCTION = 0xffff
const ENTRY_CYCLES_SHIFT = 16

/** How execution goes on after a call. */
interface ComeBack {
  readonly pc: number
  /** Registers needed there. */
  readonly needed: number
}

export class EndWriter {
  private readonly out: FunctionWriter
  private readonly goTo: (target: Target, pending: Pending) => void
  private readonly neededAt: (target: Target) => number

  /**
   * @param goTo writes how the text continues at a target, with what the counters lack there
   * @param neededAt registers that must be in their locals at a target
   */
  constructor(
    out: FunctionWriter,
    goTo: (target: Target, pending: Pending) => void,
    neededAt: (target: Target) => number,
  ) {
    this.out = out
    this.goTo = goTo
    this.neededAt = neededAt
  }

  /** @param last the block's last instruction @param pending what the counters lack after it */
  write(end: BlockEnd, last: Instruction | undefined, pending: Pending): void {
    switch (end.kind) {
      case 'go':
        if (last?.decoded.row.effect.kind === 'jump') this.link(last)
        this.goTo(end.to, pending)
        break
      case 'step':
        this.out.leave('step', end.pc, pending)
        break
      case 'branch':
        this.branch(end, last!, pending)
        break
      case 'indirect':
        this.indirect(end.targets, last!, pending)
        break
      case 'call':
        this.call(end, last!, pending)
        break
    }
  }

  /** Sets the return address. */
  private link(last: Instruction): void {
    const { rd } = last.decoded
    if (rd === 0) return
    const back = backOf(last)
    this.out.body.const(back)
    this.out.setRegister(rd, back)
  }

  private branch({ taken, otherwise }: BlockEnd & { kind: 'branch' }, last: Instruction, pending: Pending): void {
    const { body, scratch } = this.out
    const { effect } = last.decoded.row
    if (effect.kind !== 'branch') throw new TypeError(`${last.decoded.row.name} is no branch`)
    const condition = bind(effect.condition, leavesOf(this.out, last))
    const whenTaken = { ...pending, cycles: pending.cycles + last.taken }
    if (condition.kind === 'const') {
      if (condition.value !== 0) this.goTo(taken, whenTaken)
      else this.goTo(otherwise, pending)
      return
    }
    writeCondition(body, condition, scratch)
    this.whenTrue(() => this.goTo(taken, whenTaken))
    this.goTo(otherwise, pending)
  }

  /** Writes what happens when the condition on the stack holds; control must not come out of it. */
  private whenTrue(write: () => void): void {
    this.out.body.if()
    this.aside(write)
    this.out.body.end()
  }

  /** Writes text after which what is known of registers is what was known before it. */
  private aside(write: () => void): void {
    const { constants, dirty } = this.out
    const known = [...constants]
    write()
    this.out.dirty = dirty
    constants.clear()
    for (const [register, value] of known) constants.set(register, value)
  }

  /** A jump by register: compares with the targets that are expected, leaves when it is none of them. */
  private indirect(targets: readonly ExpectedTarget[], last: Instruction, pending: Pending): void {
    const target = this.jumpTarget(last)
    const certain = target.kind === 'const' ? targets.find(({ pc }) => (pc | 0) === target.value) : undefined
    if (certain !== undefined) {
      this.goToExpected(certain, last, pending)
      return
    }
    const { body, scratch, temporary } = this.out
    writeTerm(body, target, scratch)
    body.set(temporary)
    if (targets.length >= TABLE_TARGETS && tableLength(targets) <= TABLE_ENTRIES) this.jumpTable(targets, last, pending)
    else for (const expected of targets) this.compareTarget(expected, last, pending)
    this.checkJump(last, pending)
    this.link(last)
    this.leaveThrough(last, pending)
  }

  private goToExpected({ block, entryCycles }: ExpectedTarget, last: Instruction, pending: Pending): void {
    this.link(last)
    this.goTo({ block }, { ...pending, cycles: pending.cycles + entryCycles })
  }

  private compareTarget(expected: ExpectedTarget, last: Instruction, pending: Pending): void {
    const { body, temporary } = this.out
    body.get(temporary)
    body.const(expected.pc | 0)
    body.op('i32.eq')
    this.whenTrue(() => this.goToExpected(expected, last, pending))
  }

  private jumpTable(targets: readonly ExpectedTarget[], last: Instruction, pending: Pending): void {
    const { body, temporary } = this.out
    const low = targets[0]!.pc
    const otherwise = body.block()
    const labels = targets.map(() => body.block()).reverse()
    const entries = new Array<Label>(tableLength(targets)).fill(otherwise)
    targets.forEach(({ pc }, index) => {
      entries[(pc - low) >>> 1] = labels[index]!
    })
    body.get(temporary)
    body.const(low | 0)
    body.op('i32.sub')
    body.const(1)
    body.op('i32.shr_u')
    body.brTable(entries, otherwise)
    for (const expected of targets) {
      body.end()
      this.aside(() => this.goToExpected(expected, last, pending))
    }
    body.end()
  }

  /** Target of a jump by register: bit 0 of the sum is cleared. */
  private jumpTarget(last: Instruction): Term {
    const { effect } = last.decoded.row
    if (effect.kind !== 'jump') throw new TypeError(`${last.decoded.row.name} is no jump`)
    return binaryTerm('and', bind(effect.target, leavesOf(this.out, last)), constantTerm(~1))
  }

  /** Without the C extension a target off the word boundary traps, at the jump. */
  private checkJump({ pc, cycles }: Instruction, pending: Pending): void {
    const { body, env, temporary } = this.out
    if (env.compressed) return
    const misaligned = () => {
      body.get(temporary)
      body.const(2)
      body.op('i32.and')
    }
    const before = { cycles: pending.cycles - cycles, instructions: pending.instructions - 1 }
    this.out.leaveIf(misaligned, 'step', pc, before)
  }

  /** Leaves for the computed address; the engine is told which jump it was as long as it learns. */
  private leaveThrough({ decoded, pc }: Instruction, pending: Pending): void {
    if (isLink(decoded.rs1) || !this.out.env.learnsJumps(pc)) {
      this.out.flush(pending)
      this.out.leaveTo(this.out.temporary)
    } else this.leaveForTarget('jump', pc, pending)
  }

  /** Leaves for the address in `temporary` by an exit that the engine knows. */
  private leaveForTarget(reason: 'jump' | 'callee', pc: number, pending: Pending): void {
    const { body, env, temporary } = this.out
    body.const(0)
    body.get(temporary)
    body.access('i32.store', env.layout.jumpTarget)
    this.out.leave(reason, pc, pending)
  }

  private call({ callee, back }: BlockEnd & { kind: 'call' }, last: Instruction, pending: Pending): void {
    const target = callee === undefined ? this.jumpTarget(last) : constantTerm(callee)
    const comeBack = { pc: backOf(last), needed: this.neededAt(back) }
    if (target.kind !== 'const') this.callComputed(target, last, comeBack, pending)
    else {
      const fixed = target.value >>> 0
      const entryCycles = callee === undefined ? this.out.env.entryCycles(fixed) : 0
      this.link(last)
      this.callFixed(fixed, comeBack, { ...pending, cycles: pending.cycles + entryCycles })
    }
    this.goTo(back, NOTHING)
  }

  private callFixed(callee: number, back: ComeBack, pending: Pending): void {
    this.out.leaveIf(() => this.out.atDepthLimit(), 'call', callee, pending)
    const index = this.out.env.functionAt(callee)
    if (index === undefined) this.callEntry(callee, back, pending)
    else {
      this.out.flush(pending)
      this.out.callRegion(() => this.out.body.call(index), back)
    }
  }

  /** Calls the function of another module that is entered for a fixed address, if there is one by now. */
  private callEntry(callee: number, back: ComeBack, pending: Pending): void {
    const { body, env } = this.out
    const offset = callee - env.memory.base
    const function_ = body.local()
    const missing = () => {
      body.const(0)
      if (offset >= 0 && offset < env.memory.codeBytes) {
        body.const(0)
        body.access('i32.load16_u', env.layout.entries + offset * 2)
        body.tee(function_)
        body.op('i32.eq')
      } else body.op('i32.eqz')
    }
    this.out.leaveIf(missing, 'call', callee, pending)
    this.out.flush(pending)
    this.out.callRegion(() => {
      body.get(function_)
      body.callIndirect(env.regionType)
    }, back)
  }

  /** Calls the function that is entered for a computed address, if there is one. */
  private callComputed(target: Term, last: Instruction, back: ComeBack, pending: Pending): void {
    const { body, env, scratch, temporary } = this.out
    writeTerm(body, target, scratch)
    body.set(temporary)
    this.checkJump(last, pending)
    this.link(last)
    this.out.flush(pending)
    const entry = body.local()
    this.loadEntry(entry)
    body.get(entry)
    body.op('i32.eqz')
    this.out.atDepthLimit()
    body.op('i32.or')
    this.whenTrue(() => this.leaveForTarget('callee', last.pc, NOTHING))
    this.out.charge(() => {
      body.get(entry)
      body.const(ENTRY_CYCLES_SHIFT)
      body.op('i32.shr_u')
    })
    this.out.callRegion(() => {
      body.get(entry)
      body.const(ENTRY_FUNCTION)
      body.op('i32.and')
      body.callIndirect(env.regionType)
    }, back)
  }

  /** Sets a local to the entry for the address in `temporary`, 0 for none. */
  private loadEntry(entry: number): void {
    const { body, env, temporary } = this.out
    body.get(temporary)
    body.const(env.memory.base | 0)
    body.op('i32.sub')
    body.tee(entry)
    body.const(env.memory.codeBytes)
    body.op('i32.lt_u')
    body.if('i32')
    body.get(entry)
    body.const(1)
    body.op('i32.shl')
    body.access('i32.load', env.layout.entries)
    body.else()
    body.const(0)
    body.end()
    body.set(entry)
  }
}

/** The return address of a call: the address after it. */
function backOf({ decoded, pc }: Instruction): number {
  return (pc + decoded.length) | 0
}

/** Entries of a table over the half-words from the first to the last target; targets ascend. */
function tableLength(targets: readonly ExpectedTarget[]): number {
  return ((targets.at(-1)!.pc - targets[0]!.pc) >>> 1) + 1
}
