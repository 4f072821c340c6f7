/** What JavaScript has no operator for. High halves of products come from 16-bit pieces: a float64 cannot hold the whole. */

export function mulhu(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const carry = a0 * b1 + (middle & 0xffff)
  return (a1 * b1 + (middle >>> 16) + (carry >>> 16)) | 0
}

export function mulh(a: number, b: number): number {
  return (mulhu(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0
}

/** a signed, b unsigned. */
export function mulhsu(a: number, b: number): number {
  return (mulhu(a, b) - (a < 0 ? b : 0)) | 0
}

/** Number of trailing zeros; 32 for zero. */
export function ctz(a: number): number {
  return a === 0 ? 32 : 31 - Math.clz32(a & -a)
}

/** Number of ones: sums of neighbouring pairs, nibbles, bytes, then all bytes. */
export function popcnt(a: number): number {
  const pairs = a - ((a >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
