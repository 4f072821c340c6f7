/** Puts instructions in memory, to ask a timing model what the first one costs there. */
import { type Decoded, Decoder } from '../../../../sim/cpu/decoder.ts'
import { encode, type Operands } from '../../../../sim/cpu/instructions/encode.ts'
import { instructionTable } from '../../../../sim/cpu/instructions/table.ts'
import { parseIsa } from '../../../../sim/cpu/isa.ts'
import { operandCyclesOf } from '../../../../sim/cpu/timing/operand-cycles.ts'
import type { PlacedInstruction, TimingModel } from '../../../../sim/cpu/timing/timing-model.ts'

/** An encoding: 16 bits when its low two bits are not both set, else 32. */
export type Encoding = number

const decoder = new Decoder(parseIsa('rv32imc_zicsr_zifencei').extensions)

/** Encoding of the instruction called `name`. */
export function i(name: string, operands: Operands = {}): Encoding {
  return encode(instructionTable.find((row) => row.name === name)!, operands)
}

/** c.nop, for code that shall be off a word boundary. */
export const C_NOP: Encoding = 0x0001

/** What a model adds for operand values; undefined when they do not matter to the instruction called `name`. */
export function operandCycles(model: TimingModel, name: string, a: number, b: number): number | undefined {
  return operandCyclesOf(model)[instructionTable.findIndex((row) => row.name === name)]?.of(a, b)
}

/** The first of `code`, which stands at `pc` without gaps. */
export function place(pc: number, ...code: Encoding[]): PlacedInstruction {
  const at = new Map<number, Decoded>()
  let address = pc
  for (const encoding of code) {
    const decoded = decoder.decode(encoding)!
    at.set(address, decoded)
    address += decoded.length
  }
  return placed(at, pc)!
}

function placed(at: ReadonlyMap<number, Decoded>, pc: number): PlacedInstruction | undefined {
  const decoded = at.get(pc)
  if (decoded === undefined) return undefined
  const relative = decoded.row.format === 'B' || decoded.row.format === 'J'
  return {
    ...decoded,
    pc,
    next: () => placed(at, pc + decoded.length),
    target: () => (relative ? placed(at, pc + decoded.imm) : undefined),
  }
}
