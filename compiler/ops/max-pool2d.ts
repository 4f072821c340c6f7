import {
  type Covered,
  checkPool,
  importPool,
  type PoolDefinition,
  type PoolParameters,
  pool,
  poolParameters,
} from './pool.ts'

/** Largest element of a window; padding never counts. */
export const maxPool2d: PoolDefinition<'maxPool2d'> = {
  kind: 'maxPool2d',
  inputs: [1, 1],
  outputs: [1, 1],
  tflite: { MAX_POOL_2D: importPool },
  check: checkPool,
  parameters: poolParameters,
  evaluate: (p, [input], [out]) => pool(p, input, out, largestPixel),
}

function largestPixel(p: PoolParameters, input: Int8Array, at: Covered, out: Int8Array, to: number): void {
  const { height, width, channels } = p.input
  for (let channel = 0; channel < channels; channel++) {
    let largest = -128
    for (let row = at.top; row < at.bottom; row++) {
      let from = ((at.batch * height + row) * width + at.left) * channels + channel
      for (let column = at.left; column < at.right; column++, from += channels) {
        if (input[from]! > largest) largest = input[from]!
      }
    }
    out[to + channel] = Math.min(p.max, Math.max(p.min, largest))
  }
}
