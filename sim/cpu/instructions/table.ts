import { atomicRows } from './atomic.ts'
import { baseRows } from './base.ts'
import { addressRows, basicBitRows, singleBitRows } from './bits.ts'
import { multiplyRows } from './multiply.ts'
import { privilegedRows } from './privileged.ts'
import type { InstructionRow } from './row.ts'

/** Every 32-bit instruction that a hart can have. An instruction's index is its opcode number in the engines. */
export const instructionTable: readonly InstructionRow[] = [
  ...baseRows,
  ...multiplyRows,
  ...privilegedRows,
  ...atomicRows,
  ...addressRows,
  ...basicBitRows,
  ...singleBitRows,
]
