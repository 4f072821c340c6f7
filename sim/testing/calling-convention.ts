/** Arguments where a function expects them: the integer calling convention of the RISC-V psABI, ilp32, section 2.1. */

const ARGUMENT_REGISTERS = 8

export interface PlacedArguments {
  /** a0, a1, ...: as many as are used. */
  readonly registers: readonly number[]
  /** Words at sp and above. */
  readonly stack: readonly number[]
}

/**
 * Places arguments of a function without `...`: 64 bits take a pair of registers, whichever are next; the pair may be
 * split between a7 and the stack, and on the stack it is aligned to 8 bytes.
 *
 * @param values 32 bits as a number, 64 bits as a bigint, both unsigned
 */
export function placeArguments(values: readonly (number | bigint)[]): PlacedArguments {
  const registers: number[] = []
  const stack: number[] = []
  const put = (word: number) => (registers.length < ARGUMENT_REGISTERS ? registers : stack).push(word)
  for (const value of values) {
    if (typeof value === 'number') {
      put(value)
      continue
    }
    if (registers.length === ARGUMENT_REGISTERS && stack.length % 2 === 1) stack.push(0)
    put(Number(value & 0xffff_ffffn))
    put(Number(value >> 32n))
  }
  return { registers, stack }
}
