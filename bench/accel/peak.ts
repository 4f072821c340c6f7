import { compileKernels, kernel } from '../../sim/accel/simd/compile.ts'
import { constant, vector } from '../../sim/accel/simd/kernel.ts'

const CHAINS = 8
const ROUNDS = 1_000_000
const MACS_PER_DOT = 8

/**
 * What the host's WebAssembly can do at most: nothing but dot products and additions of int16, in
 * as many independent chains as the convolution has. Returns one timed burst as a number of MACs.
 */
export function dotPeak(): () => number {
  const { dots } = compileKernels(
    {
      dots: kernel(['rounds', 'result'], (k, p) => {
        const input = k.vector(vector('i32x4.splat', p.rounds))
        const sums = Array.from({ length: CHAINS }, () => k.vector(constant(0)))
        const weights = [k.vector(constant(0x0003_0005)), k.vector(constant(0x0007_000b))]
        k.repeat(p.rounds, () => {
          // The input changes, so that no product can be hoisted out of the loop.
          k.set(input, vector('i32x4.splat', p.rounds))
          for (const [i, sum] of sums.entries()) {
            const product = vector('i32x4.dot_i16x8_s', i < CHAINS / 2 ? input : sums[i - CHAINS / 2]!, weights[i % 2]!)
            k.set(sum, vector('i32x4.add', sum, product))
          }
        })
        for (const [i, sum] of sums.entries()) k.storeVector(p.result, sum, 16 * i)
      }),
    },
    new WebAssembly.Memory({ initial: 1 }),
  )
  return () => {
    dots(ROUNDS, 0)
    return ROUNDS * CHAINS * MACS_PER_DOT
  }
}
