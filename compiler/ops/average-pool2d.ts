import {
  type Covered,
  checkPool,
  importPool,
  type PoolDefinition,
  type PoolParameters,
  pool,
  poolParameters,
} from './pool.ts'

/** Mean over a window, rounded to nearest with halves away from zero; padding never counts. */
export const averagePool2d: PoolDefinition<'averagePool2d'> = {
  kind: 'averagePool2d',
  inputs: [1, 1],
  outputs: [1, 1],
  tflite: { AVERAGE_POOL_2D: importPool },
  check: checkPool,
  parameters: poolParameters,
  evaluate: (p, [input], [out]) => pool(p, input, out, averagePixel),
}

function averagePixel(p: PoolParameters, input: Int8Array, at: Covered, out: Int8Array, to: number): void {
  const { height, width, channels } = p.input
  const count = (at.bottom - at.top) * (at.right - at.left)
  const half = count >> 1
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0
    for (let row = at.top; row < at.bottom; row++) {
      let from = ((at.batch * height + row) * width + at.left) * channels + channel
      for (let column = at.left; column < at.right; column++, from += channels) sum += input[from]!
    }
    const mean = Math.trunc((sum > 0 ? sum + half : sum - half) / count)
    out[to + channel] = Math.min(p.max, Math.max(p.min, mean))
  }
}
