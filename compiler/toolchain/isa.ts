import { UserError } from '../../sim/diagnostic.ts'

/** Extensions of RV32I that all toolchains can build for. */
const letters = ['m', 'a', 'c'] as const
export type IsaLetter = (typeof letters)[number]

/**
 * The single-letter extensions of an ISA string such as `rv32im` or `rv32imc_zicsr_zifencei`, in
 * canonical order. Zicsr and Zifencei are always there.
 * @throws UserError `isa-unsupported`
 */
export function isaLetters(isa: string): readonly IsaLetter[] {
  const match = /^rv32i([mac]*)((?:_zicsr|_zifencei)*)$/.exec(isa)
  if (match === null)
    throw new UserError(
      'isa-unsupported',
      `firmware cannot be built for the ISA ${isa}`,
      'use rv32i, rv32im, rv32imc or rv32imac',
    )
  return letters.filter((letter) => match[1]!.includes(letter))
}
