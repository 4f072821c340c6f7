/**
 * What a reader of a trace can tell of the next instruction before it reads anything: a hart of its own that carries out
 * RISC-V instructions on the registers and memory that the trace has shown so far. Only where the traced hart did
 * something else (input, DMA, control registers, traps, first sight of a word) has the trace to say so. Writer and
 * reader have the same predictor; `traces/README.md` states its rules.
 */
import { evaluate } from '../../cpu/evaluate.ts'
import { mulh, mulhu } from '../../cpu/interpreter/arithmetic.ts'
import { ACCESS_BYTES, ACCESS_STORE, type InstructionLog } from '../../probe/instruction-log.ts'
import {
  ACCESS,
  ATOMIC,
  BYTES_SHIFT,
  CodeTable,
  DURATION,
  GENERAL,
  IMMEDIATE,
  RAW,
  RD_SHIFT,
  RS1_SHIFT,
  RS2_SHIFT,
} from './code-table.ts'
import { FRAME_MASK, FRAME_SHIFT, ShadowMemory } from './shadow-memory.ts'

/** What `run` does with entries: write them as predicted, or predict the first and leave it. */
export type Mode = typeof WRITE | typeof PREDICT
export const WRITE = 0
export const PREDICT = 1

export class Predictor {
  /** Registers as far as the trace has shown them. */
  readonly x = new Int32Array(32)
  readonly code = new CodeTable()
  /** Address of the next instruction. */
  next = 0
  privilege = 3
  /** What PREDICT expects of the next instruction; addresses and values as signed words. */
  result = 0
  address = 0
  stored = 0
  following = 0
  /** Index in the code's `places` of its cycles. */
  duration = 0
  readonly memory = new ShadowMemory()

  /** Forgets everything but the registers. */
  reset(): void {
    this.memory.clear()
    this.code.clear()
    this.next = 0
    this.privilege = 3
  }

  /** Destination register of a place's instruction; 0 when it has none. */
  destination(place: number): number {
    return (this.code.places[place]! >> RD_SHIFT) & 31
  }

  /**
   * Goes through the entries of a log from `e` up to `until`.
   *
   * @returns where it ended: before `until` where nothing is known of the next instruction
   */
  run(log: InstructionLog, e: number, until: number, mode: Mode): number {
    const { x, code, memory } = this
    const { places } = code
    const { pc: pcs, raw, began, privilege, destination, access, address, stored, result: results } = log
    const { frames } = memory
    const rights = this.privilege
    let { words } = memory
    let pc = this.next | 0
    for (let entry = e; ; entry++) {
      if (entry >= until) return this.stop(pc, entry)
      const place = code.find(pc)
      if (place === 0) return this.stop(pc, entry)
      const packed = places[place]!
      const imm = places[place + IMMEDIATE]!
      const rd = (packed >> RD_SHIFT) & 31
      const a = x[(packed >> RS1_SHIFT) & 31]!
      const b = x[(packed >> RS2_SHIFT) & 31]!
      let duration = place + DURATION
      let next = (pc + (packed >> BYTES_SHIFT)) | 0
      let result = 0
      let at = 0
      let value = 0
      switch (packed & 0xff) {
        case 0: // lui
          result = imm
          break
        case 1: // auipc
          result = (pc + imm) | 0
          break
        case 2: // jal
          result = next
          next = (pc + imm) | 0
          break
        case 3: // jalr
          result = next
          next = (a + imm) & ~1
          break
        case 4: // beq
          if (a === b) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 5: // bne
          if (a !== b) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 6: // blt
          if (a < b) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 7: // bge
          if (a >= b) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 8: // bltu
          if (a >>> 0 < b >>> 0) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 9: // bgeu
          if (a >>> 0 >= b >>> 0) {
            next = (pc + imm) | 0
            duration++
          }
          break
        case 10: // lb
          at = (a + imm) | 0
          result = (words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]! << (24 - (at & 3) * 8)) >> 24
          break
        case 11: // lh
          at = (a + imm) | 0
          result =
            (at & 1) === 0
              ? (words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]! << (16 - (at & 2) * 8)) >> 16
              : (memory.load(at, 2) << 16) >> 16
          break
        case 12: // lw
          at = (a + imm) | 0
          result = (at & 3) === 0 ? words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]! : memory.load(at, 4)
          break
        case 13: // lbu
          at = (a + imm) | 0
          result = (words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]! >>> ((at & 3) * 8)) & 0xff
          break
        case 14: // lhu
          at = (a + imm) | 0
          result =
            (at & 1) === 0
              ? (words[frames[at >>> FRAME_SHIFT]! | ((at >>> 2) & FRAME_MASK)]! >>> ((at & 2) * 8)) & 0xffff
              : memory.load(at, 2)
          break
        case 15: // sb
          at = (a + imm) | 0
          value = b & 0xff
          break
        case 16: // sh
          at = (a + imm) | 0
          value = b & 0xffff
          break
        case 17: // sw
          at = (a + imm) | 0
          value = b
          break
        case 18: // addi
          result = (a + imm) | 0
          break
        case 19: // slti
          result = a < imm ? 1 : 0
          break
        case 20: // sltiu
          result = a >>> 0 < imm >>> 0 ? 1 : 0
          break
        case 21: // xori
          result = a ^ imm
          break
        case 22: // ori
          result = a | imm
          break
        case 23: // andi
          result = a & imm
          break
        case 24: // slli
          result = a << imm
          break
        case 25: // srli
          result = (a >>> imm) | 0
          break
        case 26: // srai
          result = a >> imm
          break
        case 27: // add
          result = (a + b) | 0
          break
        case 28: // sub
          result = (a - b) | 0
          break
        case 29: // sll
          result = a << b
          break
        case 30: // slt
          result = a < b ? 1 : 0
          break
        case 31: // sltu
          result = a >>> 0 < b >>> 0 ? 1 : 0
          break
        case 32: // xor
          result = a ^ b
          break
        case 33: // srl
          result = (a >>> b) | 0
          break
        case 34: // sra
          result = a >> b
          break
        case 35: // or
          result = a | b
          break
        case 36: // and
          result = a & b
          break
        case 37: // mul
          result = Math.imul(a, b)
          break
        case 38: // mulh
          result = mulh(a, b)
          break
        case 39: // mulhu
          result = mulhu(a, b)
          break
        case GENERAL:
          result = evaluate(code.value(place), { rs1: a, rs2: b, imm, pc })
          break
        case ATOMIC:
          at = a
          value = b
          result = memory.load(at, 4)
          break
        default:
      }
      const accessed = places[place + ACCESS]!
      if (mode === WRITE) {
        pcs[entry] = pc
        raw[entry] = places[place + RAW]!
        began[entry + 1] = began[entry]! + places[duration]!
        privilege[entry] = rights
        destination[entry] = rd
        results[entry] = rd === 0 ? 0 : result
        access[entry] = accessed
        address[entry] = at
        stored[entry] = value
      } else {
        this.duration = duration
        this.result = result
        this.address = at
        this.stored = value
        this.following = next
        return entry
      }
      if (rd !== 0) x[rd] = result
      if ((accessed & ACCESS_STORE) !== 0) {
        const frame = frames[at >>> FRAME_SHIFT]!
        if (accessed !== (ACCESS_STORE | 4) || (at & 3) !== 0 || frame === 0) {
          memory.store(at, accessed & ACCESS_BYTES, value)
          words = memory.words
        } else words[frame | ((at >>> 2) & FRAME_MASK)] = value
      }
      pc = next
    }
  }

  /** Goes on behind an instruction that `run` has predicted, by what it really did. */
  retire(place: number, result: number, access: number, address: number, stored: number): void {
    const rd = this.destination(place)
    if (rd !== 0) this.x[rd] = result
    this.next = this.following
    const bytes = access & ACCESS_BYTES
    if ((access & ACCESS_STORE) !== 0) this.memory.store(address, bytes, stored)
    else if (bytes !== 0 && rd !== 0) this.memory.store(address, bytes, result)
  }

  private stop(pc: number, entry: number): number {
    this.next = pc
    return entry
  }
}
