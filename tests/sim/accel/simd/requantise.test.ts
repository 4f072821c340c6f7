import { describe, expect, test } from 'vitest'
import { requantise } from '../../../../sim/accel/requantise.ts'
import { compileKernels, kernel } from '../../../../sim/accel/simd/compile.ts'
import { loadVector } from '../../../../sim/accel/simd/kernel.ts'
import { loadScaling, requantiseVector, SCALING_WORDS, writeScaling } from '../../../../sim/accel/simd/requantise.ts'
import { randomFrom } from '../rig.ts'

const LOW = -(2 ** 31)
const HIGH = 2 ** 31 - 1
const LANES = 1024
const X = 0
const RESULT = 4 * LANES
const SCALING = 8 * LANES
const memory = new WebAssembly.Memory({ initial: 1 })
const words = new Int32Array(memory.buffer)
const { run } = compileKernels(
  {
    run: kernel(['x', 'result', 'scaling', 'count'], (k, p) => {
      k.repeat(p.count, () => {
        const scaling = loadScaling(k, p.scaling)
        k.storeVector(p.result, requantiseVector(k, loadVector('v128.load', p.x), scaling))
        k.increase(p.x, 16)
        k.increase(p.result, 16)
        k.increase(p.scaling, 4 * SCALING_WORDS)
      })
    }),
  },
  memory,
)

type Case = readonly [x: number, multiplier: number, shift: number]

/** Every case in a lane of its own, neighbours with other shifts. */
function check(cases: readonly Case[]): void {
  for (let from = 0; from < cases.length; from += LANES) {
    const part = cases.slice(from, from + LANES)
    for (const [i, [x, multiplier, shift]] of part.entries()) {
      words[X / 4 + i] = x
      writeScaling(words, SCALING / 4 + (i >> 2) * SCALING_WORDS, i & 3, multiplier, shift)
    }
    run(X, RESULT, SCALING, Math.ceil(part.length / 4))
    const wrong = part.findIndex((one, i) => words[RESULT / 4 + i] !== requantise(...one))
    expect(wrong < 0 ? undefined : [part[wrong], words[RESULT / 4 + wrong]]).toBeUndefined()
  }
}

describe('four lanes at a time, requantisation gives what one at a time gives', () => {
  const edges = [LOW, LOW + 1, -(2 ** 30) - 1, -(2 ** 30), -3, -2, -1, 0, 1, 2, 3, 2 ** 30 - 1, 2 ** 30, HIGH - 1, HIGH]
  const shifts = Array.from({ length: 62 }, (_, i) => i - 31)

  test('for every shift and all pairs of extreme values', () => {
    check(edges.flatMap((x) => edges.flatMap((multiplier) => shifts.map((shift): Case => [x, multiplier, shift]))))
  })

  test('for random values of all magnitudes', () => {
    const random = randomFrom(5)
    const any = () => (random(0, 0xffff_ffff) | 0) >> random(0, 31)
    check(Array.from({ length: 200_000 }, (): Case => [any(), any(), random(-31, 30)]))
  })

  test('for exact halves, which round away from zero after the first rounding', () => {
    const halves = shifts
      .filter((shift) => shift < 0)
      .flatMap((shift) => [-3, -1, 1, 3].map((odd): Case => [(odd * 2 ** (-shift - 1)) | 0, HIGH, shift]))
    check(halves)
  })
})
