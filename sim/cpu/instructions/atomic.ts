/** A: load-reserved, store-conditional and atomic memory operations (RISC-V unprivileged ISA 20240411, chapter 14). */
import { type InstructionRow, row } from './row.ts'
import { type AtomicOperation, atomic } from './semantics.ts'

const AMO = 0x2f
const WORD = 2

/** Ordering bits are free: one hart that does one thing after the other keeps every order. */
const amo = (name: string, funct5: number, operation: AtomicOperation) =>
  row(name, 'a', 'atomic', { opcode: AMO, funct3: WORD, funct5 }, 'load', atomic(operation))

export const atomicRows: readonly InstructionRow[] = [
  row('lr.w', 'a', 'reserve', { opcode: AMO, funct3: WORD, funct5: 0x02, rs2: 0 }, 'load', atomic('lr')),
  row('sc.w', 'a', 'atomic', { opcode: AMO, funct3: WORD, funct5: 0x03 }, 'store', atomic('sc')),
  amo('amoswap.w', 0x01, 'swap'),
  amo('amoadd.w', 0x00, 'add'),
  amo('amoxor.w', 0x04, 'xor'),
  amo('amoand.w', 0x0c, 'and'),
  amo('amoor.w', 0x08, 'or'),
  amo('amomin.w', 0x10, 'min_s'),
  amo('amomax.w', 0x14, 'max_s'),
  amo('amominu.w', 0x18, 'min_u'),
  amo('amomaxu.w', 0x1c, 'max_u'),
]
