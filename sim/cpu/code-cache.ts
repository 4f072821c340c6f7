/**
 * Decoded code, in blocks of 64 KiB of address space. Every half-word of a block has one slot of four words:
 *
 *   0  opcode (bits 7:0) | rd (13:8) | rs1 (18:14) | rs2 (23:19) | cycles (31:24)
 *   1  immediate; for branches and jal the distance to the target, in words of this array
 *   2  extra cycles of a taken branch or a split access (bits 15:0) | extra cycles of entry by jalr (31:16)
 *   3  the encoding
 *
 * rd is 32 for x0: a register nobody reads. Opcode 0 means not decoded yet. A write to a line of memory that holds
 * decoded code makes its slots, and those of instructions whose timing looked at it, undecoded again.
 */
import type { Bus } from '../bus/bus.ts'
import { LINE_BYTES, LINE_CODE, Memory } from '../bus/memory.ts'
import type { Decoded, Decoder } from './decoder.ts'
import { OPCODE_STEP, OPCODE_TRANSLATED, opcodeOf } from './interpreter/opcodes.ts'
import { type OperandCycles, operandCyclesOf } from './timing/operand-cycles.ts'
import type { PlacedInstruction, TimingModel } from './timing/timing-model.ts'

export const BLOCK_BYTES = 1 << 16
/** Array words of a slot, and of a block without its guard slots. */
const SLOT_WORDS = 4
export const BLOCK_WORDS = (BLOCK_BYTES / 2) * SLOT_WORDS
/** Two more slots, never decoded: where the last instruction of a block leads to. */
const GUARD_WORDS = 2 * SLOT_WORDS
/** How many bytes from its start an instruction's slot may depend on: its own encoding and what its timing looks at. */
const REACH_BYTES = 16

/** Bytes of the longest instruction. */
const LONGEST = 4

const X0_DESTINATION = 32

/** Decoded code of one block; `base` is a signed 32-bit address. */
export interface CodeBlock {
  readonly base: number
  readonly code: Int32Array
}

export class CodeCache {
  /** Cycles by operand values, by index in the instruction table. */
  readonly operandCycles: readonly (OperandCycles | undefined)[]
  private readonly blocks = new Map<number, CodeBlock>()
  /** Where a debugger wants the interpreter to stop; marked like translated code, which a debugged hart has none of. */
  private readonly stops = new Set<number>()
  private readonly bus: Bus
  private readonly decoder: Decoder
  private readonly timing: TimingModel
  /** End of what the slot that is being filled was made from. */
  private lookedTo = 0
  /** Jump targets that it was made from. */
  private readonly targets: number[] = []

  constructor(bus: Bus, decoder: Decoder, timing: TimingModel) {
    this.bus = bus
    this.decoder = decoder
    this.timing = timing
    this.operandCycles = operandCyclesOf(timing)
    for (const { device } of bus.regions) {
      if (!(device instanceof Memory)) continue
      device.onFlaggedWrite(LINE_CODE, (address, length) => this.invalidate(device, address, length))
    }
  }

  /** The block around `pc`, made on first use. */
  blockAt(pc: number): CodeBlock {
    const key = pc >>> 16
    let block = this.blocks.get(key)
    if (block === undefined) {
      block = { base: (key << 16) | 0, code: new Int32Array(BLOCK_WORDS + GUARD_WORDS) }
      this.blocks.set(key, block)
    }
    return block
  }

  /**
   * Fills the slot at array index `index`.
   *
   * @returns false when there is nothing executable there: the fetch fails
   */
  decode(block: CodeBlock, index: number): boolean {
    const pc = (block.base + (index >> 1)) >>> 0
    const raw = this.fetch(pc)
    if (raw === undefined) return false
    this.lookedTo = pc + ((raw & 3) === 3 ? 4 : 2)
    this.targets.length = 0
    const placed = this.placed(pc, raw)
    const { code } = block
    code[index + 3] = raw
    const memory = this.bus.memoryAt(pc, 2)!
    if (placed === undefined) {
      memory.flagCode(pc, this.lookedTo - pc)
      code[index] = OPCODE_STEP | (1 << 24)
      code[index + 2] = 0
      return true
    }
    const { cycles, taken = 0, split = 0 } = this.timing.instruction(placed)
    const entry = this.timing.entry?.(placed) ?? 0
    memory.flagCode(pc, Math.min(this.lookedTo - pc, REACH_BYTES))
    for (const target of this.targets) this.bus.memoryAt(target, 2)?.flagCode(target, LONGEST)
    const spins = isRelative(placed) && placed.imm === 0
    const opcode = spins
      ? OPCODE_STEP
      : opcodeOf(placed.index, placed.length, this.operandCycles[placed.index] !== undefined)
    const rd = placed.rd === 0 ? X0_DESTINATION : placed.rd
    const mark = this.stops.has(pc) ? OPCODE_TRANSLATED : 0
    code[index] = opcode | mark | (rd << 8) | (placed.rs1 << 14) | (placed.rs2 << 19) | (cycles << 24)
    code[index + 1] = isRelative(placed) ? placed.imm * (SLOT_WORDS / 2) : placed.imm
    code[index + 2] = (placed.row.format === 'B' ? taken : split) | (entry << 16)
    return true
  }

  /** From now on the interpreter stops before the instruction at `pc`, or does so no longer. */
  stopBefore(pc: number, stop: boolean): void {
    if (stop) this.stops.add(pc)
    else this.stops.delete(pc)
    const block = this.blockAt(pc)
    block.code[((pc | 0) - block.base) << 1] = 0
  }

  /** Extra cycles of a jalr that jumps to `target`. */
  entryCycles(target: number): number {
    const { base, code } = this.blockAt(target)
    const index = (target - base) << 1
    if (code[index] === 0) this.decode({ base, code }, index)
    return code[index + 2]! >>> 16
  }

  /** Cycles that the instruction at `pc` takes by its place alone: untaken, not split, whatever its operands. */
  fixedCycles(pc: number): number {
    const { base, code } = this.blockAt(pc)
    return code[(pc - base) << 1]! >>> 24
  }

  /**
   * The encoding at `pc`, both halves of it when it has 32 bits; undefined when either is not in memory.
   */
  fetch(pc: number): number | undefined {
    const low = this.half(pc)
    if (low === undefined || (low & 3) !== 3) return low
    const high = this.half(pc + 2)
    return high === undefined ? undefined : (high << 16) | low
  }

  /** The instruction at `pc`, which the slot that is being filled depends on from now on. */
  lookAt(pc: number): PlacedInstruction | undefined {
    const place = this.place(pc)
    this.lookedTo = Math.max(this.lookedTo, pc + (place?.length ?? 4))
    return place
  }

  /** The same for the target of a jump; when it changes, only slots in its line and right before are filled anew. */
  lookAtTarget(pc: number): PlacedInstruction | undefined {
    this.targets.push(pc)
    return this.place(pc)
  }

  /** The instruction at `pc` and the way to its neighbours; undefined when there is none. */
  place(pc: number): PlacedInstruction | undefined {
    const raw = this.fetch(pc)
    return raw === undefined ? undefined : this.placed(pc, raw)
  }

  private placed(pc: number, raw: number): PlacedInstruction | undefined {
    const decoded = this.decoder.decode(raw)
    return decoded && new Placed(decoded, pc, this)
  }

  private half(address: number): number | undefined {
    const memory = this.bus.memoryAt(address, 2)
    return memory?.read(address - memory.base, 2)
  }

  /** Forgets what was decoded from the lines that `length` bytes at `address` lie in. */
  private invalidate(memory: Memory, address: number, length: number): void {
    const first = address & -LINE_BYTES
    const end = (first >>> 0) + ((address - first + length + LINE_BYTES - 1) & -LINE_BYTES)
    memory.unflagCode(first >>> 0, end - (first >>> 0))
    for (let pc = Math.max((first >>> 0) - REACH_BYTES, memory.base); pc < end; pc += 2) {
      const block = this.blocks.get(pc >>> 16)
      if (block !== undefined) block.code[(pc & (BLOCK_BYTES - 1)) * 2] = 0
    }
  }
}

/** Made for every instruction that is decoded: a class, because copying into an object literal takes ten times as long. */
class Placed implements PlacedInstruction {
  readonly row: Decoded['row']
  readonly index: number
  readonly rd: number
  readonly rs1: number
  readonly rs2: number
  readonly imm: number
  readonly raw: number
  readonly length: 2 | 4
  readonly pc: number
  private readonly code: CodeCache

  constructor({ row, index, rd, rs1, rs2, imm, raw, length }: Decoded, pc: number, code: CodeCache) {
    this.row = row
    this.index = index
    this.rd = rd
    this.rs1 = rs1
    this.rs2 = rs2
    this.imm = imm
    this.raw = raw
    this.length = length
    this.pc = pc
    this.code = code
  }

  next(): PlacedInstruction | undefined {
    return this.code.lookAt(this.pc + this.length)
  }

  target(): PlacedInstruction | undefined {
    return isRelative(this) ? this.code.lookAtTarget((this.pc + this.imm) >>> 0) : undefined
  }
}

/** Branches and jal: the target is pc plus the immediate. */
function isRelative(decoded: Decoded): boolean {
  return decoded.row.format === 'B' || decoded.row.format === 'J'
}
