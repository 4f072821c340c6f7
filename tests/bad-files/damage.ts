/** Ways in which a file goes bad. */

/** A whole number from `low` to `high`. */
export type Random = (low: number, high: number) => number

export const pick = <T>(random: Random, from: readonly T[]): T => from[random(0, from.length - 1)]!

/** Numbers at which sizes, counts and offsets go wrong. */
const numbers = [0, 1, 2, 3, 4, 7, 8, 16, 40, 52, 255, 256, 4096, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff] as const
const large = [0x8000_0000, 0x8000_0001, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff] as const

type Wound = (bytes: Uint8Array, at: number, random: Random) => void

const wounds: readonly Wound[] = [
  (bytes, at, random) => {
    bytes[at]! ^= 1 << random(0, 7)
  },
  (bytes, at, random) => {
    bytes[at] = random(0, 255)
  },
  (bytes, at, random) => setWord(bytes, at & -4, pick(random, [...numbers, ...large])),
  (bytes, at, random) => setWord(bytes, at & -2, pick(random, numbers), 2),
  // A size or an offset that leads just past the end.
  (bytes, at, random) => setWord(bytes, at & -4, bytes.length + random(-8, 8)),
  // Two fields that exchange places, or lie over one another.
  (bytes, at, random) => bytes.copyWithin(at & -4, random(0, bytes.length - 1) & -4, bytes.length),
  (bytes, at, random) => {
    const from = random(0, bytes.length - 1) & -4
    bytes.copyWithin(at & -4, from, from + 4 * random(1, 10))
  },
  (bytes, at, random) => bytes.fill(pick(random, [0, 0xff]), at, at + random(1, 64)),
]

function setWord(bytes: Uint8Array, at: number, value: number, length = 4): void {
  for (let i = 0; i < length && at + i < bytes.length; i++) bytes[at + i] = value >>> (8 * i)
}

/**
 * A damaged copy: a few wounds, and every now and then an end that is missing or does not belong there.
 * @param vital where every second wound goes: headers and tables, where a byte counts for more than elsewhere
 */
export function damaged(bytes: Uint8Array, random: Random, vital: readonly [from: number, to: number][] = []) {
  const copy = new Uint8Array(bytes)
  if (copy.length > 0) {
    for (let count = random(1, 4); count > 0; count--) {
      const [from, to] = vital.length > 0 && random(0, 1) === 0 ? pick(random, vital) : [0, copy.length]
      const at = Math.min(random(from, Math.max(from, to - 1)), copy.length - 1)
      pick(random, wounds)(copy, at, random)
    }
  }
  const end = random(0, 11)
  if (end === 0) return copy.subarray(0, random(0, copy.length))
  if (end === 1) return Uint8Array.from([...copy, ...noise(random, 64)])
  return copy
}

/** Nothing but noise, or noise behind the beginning of a file. */
export function noise(random: Random, most: number, beginning: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Uint8Array.from({ length: random(0, most) }, () => random(0, 255))
  bytes.set(beginning.subarray(0, Math.min(bytes.length, random(0, beginning.length))))
  return bytes
}
