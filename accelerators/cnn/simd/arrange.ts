/**
 * Kernels that bring operands into the form that `i32x4.dot_i16x8_s` wants: int16, and two neighbours
 * of the reduction side by side in each 32-bit lane.
 */
import { kernel } from '../../../sim/accel/simd/compile.ts'
import {
  constant,
  type Kernel,
  loadVector,
  scalar,
  shuffle,
  type Variable,
  type Vector,
  vector,
} from '../../../sim/accel/simd/kernel.ts'

/** Output channels of a panel of packed weights. */
export const PANEL_CHANNELS = 8
/** Bytes of a pair of reduction steps of a panel: 2 x 8 int16. */
export const PAIR_BYTES = 32

const LOW_BYTES = [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]
const HIGH_BYTES = LOW_BYTES.map((byte) => byte + 8)

/** Sign-extends `vectors` times 16 bytes. */
export const widen = kernel(['source', 'target', 'vectors'], (k, { source, target, vectors }) => {
  k.repeat(vectors, () => {
    k.storeVector(target, loadVector('v128.load8x8_s', source))
    k.storeVector(target, loadVector('v128.load8x8_s', source, 8), 16)
    k.increase(source, 16)
    k.increase(target, 32)
  })
})

type Rows = Readonly<Record<'source' | 'rows' | 'stride' | 'target', Variable<'i32'>>>

/** Takes rows of weights, `stride` bytes apart, pair by pair; an odd last row is paired with zeros. */
function forPairs(
  k: Kernel,
  { source, rows, stride, target }: Rows,
  row: 'v128.load' | 'v128.load32_zero',
  store: (first: Vector, second: Vector) => void,
): void {
  const first = k.vector()
  const second = k.vector()
  k.doWhile(
    () => {
      k.set(first, loadVector(row, source))
      k.set(second, constant(0))
      k.if(scalar('gt_s', rows, 1), () => k.set(second, loadVector(row, scalar('add', source, stride))))
      store(first, second)
      k.increase(source, scalar('shl', stride, 1))
      k.increase(target, PAIR_BYTES)
      k.increase(rows, -2)
    },
    () => scalar('gt_s', rows, 0),
  )
}

/** Packs four channels: half a panel. */
export const packFour = kernel(['source', 'rows', 'stride', 'target'], (k, p) =>
  forPairs(k, p, 'v128.load32_zero', (first, second) =>
    k.storeVector(p.target, vector('i16x8.extend_low_i8x16_s', shuffle(first, second, LOW_BYTES))),
  ),
)

/** Packs sixteen channels: two panels, `apart` bytes from each other. */
export const packSixteen = kernel(['source', 'rows', 'stride', 'target', 'apart'], (k, p) => {
  const pairs = k.vector()
  forPairs(k, p, 'v128.load', (first, second) => {
    for (const [at, bytes] of [
      [p.target, LOW_BYTES],
      [scalar('add', p.target, p.apart), HIGH_BYTES],
    ] as const) {
      k.set(pairs, shuffle(first, second, bytes))
      k.storeVector(at, vector('i16x8.extend_low_i8x16_s', pairs))
      k.storeVector(at, vector('i16x8.extend_high_i8x16_s', pairs), 16)
    }
  })
})
