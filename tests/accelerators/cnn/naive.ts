/**
 * The arithmetic of the commands written down a second time, as plainly as possible: one element at a
 * time, exact integers, no sharing with the accelerator's own code.
 */

/** gemmlowp's double rounding in exact integers. */
export function rescale(x: number, multiplier: number, shift: number): number {
  const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(shift, 0)))
  const product = shifted * BigInt(multiplier)
  const high = (product + (1n << 30n)) >> 31n
  const saturated = high > 0x7fffffffn ? 0x7fffffffn : high
  if (shift >= 0) return Number(saturated)
  const divisor = 2n ** BigInt(-shift)
  const magnitude = saturated < 0n ? -saturated : saturated
  const rounded = (magnitude + divisor / 2n) / divisor
  return Number(saturated < 0n ? -rounded : rounded)
}

export const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

export interface Channel {
  readonly bias: number
  readonly multiplier: number
  readonly shift: number
}

/** Writes requantisation parameters as the commands expect them. */
export function putChannels(memory: Int8Array, at: number, channels: readonly Channel[]): void {
  const view = new DataView(memory.buffer, memory.byteOffset)
  channels.forEach(({ bias, multiplier, shift }, index) => {
    view.setInt32(at + 12 * index, bias, true)
    view.setInt32(at + 12 * index + 4, multiplier, true)
    view.setInt32(at + 12 * index + 8, shift, true)
  })
}

export type Random = (low: number, high: number) => number

export const randomChannels = (random: Random, count: number): Channel[] =>
  Array.from({ length: count }, () => ({
    bias: random(-20_000, 20_000),
    multiplier: random(1 << 30, 0x7fffffff),
    shift: random(-12, -4),
  }))

export const randomBytes = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random(-128, 127))

/** The first byte that differs, in words; undefined when none does. */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>): string | undefined {
  for (let i = 0; i < want.length; i++) if (got[i] !== want[i]) return `byte ${i} is ${got[i]}, not ${want[i]}`
  return undefined
}
