import { compressedBases } from '../instructions/compressed.ts'
import type { InstructionRow } from '../instructions/row.ts'
import { instructionTable } from '../instructions/table.ts'

/** Slot opcodes that are no instruction: nothing decoded yet, and "carry it out by `Hart.step`". */
export const OPCODE_UNDECODED = 0
export const OPCODE_STEP = 1
const FIRST_OPCODE = 2
/** The opcode's bits in a slot's first word. */
export const OPCODE_MASK = 0x7f
/** Beside an opcode: translated code starts here, so that the interpreter stops before it (no case has such a number). */
export const OPCODE_TRANSLATED = 0x80

/** An instruction as the interpreter has a case for it. */
export interface Variant {
  readonly row: InstructionRow
  /** Bytes of the encoding: how far the next instruction is. */
  readonly length: 2 | 4
  /** Cycles depend on operand values too. */
  readonly byOperands: boolean
}

const TIMED_BY_OPERANDS: ReadonlySet<string> = new Set(['shift', 'mul', 'mulh', 'div'])

/** Control registers, traps and atomics are rare: `stepInstruction` does them. A fence has nothing to do. */
const isFast = ({ effect }: InstructionRow) =>
  effect.kind === 'system' ? effect.call === 'fence' : effect.kind !== 'atomic'

function variantsOf(row: InstructionRow): Variant[] {
  if (!isFast(row)) return []
  const variants: Variant[] = [{ row, length: 4, byOperands: false }]
  if (compressedBases.has(row.name)) variants.push({ row, length: 2, byOperands: false })
  if (row.format === 'R' && TIMED_BY_OPERANDS.has(row.timing)) variants.push({ row, length: 4, byOperands: true })
  return variants
}

/** The variant of opcode `index + FIRST_OPCODE`. */
const variants: readonly Variant[] = instructionTable.flatMap(variantsOf)

/** Opcode numbers with their variants, in order. */
export const opcodes: readonly (readonly [number, Variant])[] = variants.map((variant, i) => [
  i + FIRST_OPCODE,
  variant,
])

const key = (index: number, length: 2 | 4, byOperands: boolean) => index * 8 + length + Number(byOperands)
const byKey = new Map(
  opcodes.map(([number, { row, length, byOperands }]) => [
    key(instructionTable.indexOf(row), length, byOperands),
    number,
  ]),
)

/** The opcode of an instruction, given its index in the instruction table; `OPCODE_STEP` when it has no case. */
export function opcodeOf(index: number, length: 2 | 4, byOperands: boolean): number {
  return byKey.get(key(index, length, byOperands)) ?? OPCODE_STEP
}
