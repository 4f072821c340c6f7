/** Halves of a 64-bit value as signed words. */
export const low = (value: bigint) => Number(BigInt.asIntN(32, value))
export const high = (value: bigint) => Number(BigInt.asIntN(32, value >> 32n))
