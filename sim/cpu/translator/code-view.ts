import type { CodeCache } from '../code-cache.ts'
import type { Decoder } from '../decoder.ts'
import { OPCODE_MASK, OPCODE_STEP, OPCODE_UNDECODED } from '../interpreter/opcodes.ts'
import type { Instruction } from './region.ts'

export interface CodeViewOptions {
  readonly code: CodeCache
  readonly decoder: Decoder
  /** Extra cycles of every memory access. */
  readonly waitStates: number
  readonly compressed: boolean
}

/**
 * Code as the interpreter has decoded it: what was never executed is not known, and costs are the interpreter's own.
 */
export class CodeView {
  private readonly options: CodeViewOptions
  private readonly observed = new Map<number, Set<number>>()

  constructor(options: CodeViewOptions) {
    this.options = options
  }

  /** Whether the instruction at `pc` has been decoded. */
  known(pc: number): boolean {
    return this.opcode(pc) !== OPCODE_UNDECODED
  }

  /** The decoded instruction at `pc`; undefined when only the interpreter can carry it out. */
  instruction(pc: number): Instruction | undefined {
    const opcode = this.opcode(pc)
    if (opcode === OPCODE_UNDECODED || opcode === OPCODE_STEP) return undefined
    const { code, index } = this.slot(pc)
    const decoded = this.options.decoder.decode(code[index + 3]!)!
    const relative = decoded.row.format === 'B' || decoded.row.format === 'J'
    if (relative && !this.options.compressed && (decoded.imm & 2) !== 0) return undefined
    const { kind } = decoded.row.effect
    return {
      decoded,
      pc,
      cycles: (code[index]! >>> 24) + (kind === 'load' || kind === 'store' ? this.options.waitStates : 0),
      taken: code[index + 2]! & 0xffff,
      operandCycles: this.options.code.operandCycles[decoded.index],
    }
  }

  /** Extra cycles of a jump by register to `pc`. */
  entryCycles(pc: number): number {
    return this.options.code.entryCycles(pc)
  }

  /** Where the jump by register at `pc` has gone so far. */
  jumpTargets(pc: number): ReadonlySet<number> {
    return this.observed.get(pc) ?? new Set()
  }

  /** Notes where the jump by register at `pc` went; true when that is new. */
  observeJump(pc: number, target: number): boolean {
    const targets = this.observed.get(pc) ?? new Set()
    if (targets.has(target)) return false
    this.observed.set(pc, targets.add(target))
    return true
  }

  /** Forgets where jumps went. */
  forget(): void {
    this.observed.clear()
  }

  private opcode(pc: number): number {
    const { code, index } = this.slot(pc)
    return code[index]! & OPCODE_MASK
  }

  private slot(pc: number): { code: Int32Array; index: number } {
    const { code, base } = this.options.code.blockAt(pc)
    return { code, index: ((pc | 0) - base) << 1 }
  }
}

export function compareAddresses(a: number, b: number): number {
  return a - b
}
