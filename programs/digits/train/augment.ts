import type { Random } from './random.ts'

const side = 28

/** How far a digit may be moved: pixels of shift, and the deviation of the 2 x 2 matrix from the identity. */
const maximumShift = 1.5
const maximumSlant = 0.12

/**
 * Writes a randomly shifted, scaled, sheared and slightly turned copy of a 28 x 28 image (values 0..255) as reals in [0, 1].
 * The matrix entries are drawn directly, so that no sine is needed; pixels between the grid are interpolated linearly.
 */
export function distort(pixels: Uint8Array, random: Random, output: Float32Array): void {
  const xx = 1 + random.symmetric(maximumSlant)
  const xy = random.symmetric(maximumSlant)
  const yx = random.symmetric(maximumSlant)
  const yy = 1 + random.symmetric(maximumSlant)
  const middle = (side - 1) / 2
  const centreX = middle + random.symmetric(maximumShift)
  const centreY = middle + random.symmetric(maximumShift)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const fromX = xx * (x - centreX) + xy * (y - centreY) + middle
      const fromY = yx * (x - centreX) + yy * (y - centreY) + middle
      output[y * side + x] = interpolate(pixels, fromX, fromY) / 255
    }
  }
}

function interpolate(pixels: Uint8Array, x: number, y: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const right = x - left
  const down = y - top
  return (
    (1 - down) * ((1 - right) * pixelAt(pixels, left, top) + right * pixelAt(pixels, left + 1, top)) +
    down * ((1 - right) * pixelAt(pixels, left, top + 1) + right * pixelAt(pixels, left + 1, top + 1))
  )
}

function pixelAt(pixels: Uint8Array, x: number, y: number): number {
  return x >= 0 && x < side && y >= 0 && y < side ? pixels[y * side + x]! : 0
}
