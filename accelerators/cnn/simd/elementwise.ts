/** ELEMENTWISE four elements at a time; see ../commands/elementwise.ts for the arithmetic. */
import type { SharedMemory } from '../../../sim/accel/fast-effects.ts'
import { kernel } from '../../../sim/accel/simd/compile.ts'
import { type Kernel, loadVector, type Scalar, scalar, type Vector, vector } from '../../../sim/accel/simd/kernel.ts'
import { loadScaling, requantiseVector, SCALING_WORDS, writeScaling } from '../../../sim/accel/simd/requantise.ts'
import type { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import { type ElementwiseFields, operations } from '../commands/elementwise.ts'
import type { Kernels } from './kernels.ts'
import { boundsOf, clampOf, clampVector, narrow, storeUpToFour } from './output-stage.ts'

const SCALING_BYTES = 4 * SCALING_WORDS

/** Four bytes at an address as int32, less a zero point. */
function operand(address: Scalar, zeroPoint: Vector): Vector {
  const words = vector('i16x8.extend_low_i8x16_s', loadVector('v128.load32_zero', address))
  return vector('i32x4.sub', vector('i32x4.extend_low_i16x8_s', words), zeroPoint)
}

const names = [
  'a',
  'b',
  'output',
  'count',
  'zeroA',
  'zeroB',
  'leftShift',
  'scalings',
  'low',
  'high',
  'zeroOutput',
] as const

/** A kernel for one operation; add and sub rescale their operands first. */
export const elementwise = (operation: 'add' | 'sub' | 'mul') =>
  kernel(names, (k: Kernel, p) => {
    const zeroA = k.vector(vector('i32x4.splat', p.zeroA))
    const zeroB = k.vector(vector('i32x4.splat', p.zeroB))
    const [scalingA, scalingB, scalingOutput] = [0, 1, 2].map((i) => loadScaling(k, p.scalings, i * SCALING_BYTES))
    const clamp = clampOf(k, p.low, p.high, p.zeroOutput)
    const at = k.scalar()
    const rescaled = (value: Vector, scaling = scalingA!) =>
      operation === 'mul' ? value : requantiseVector(k, vector('i32x4.shl', value, p.leftShift), scaling)
    k.doWhile(
      () => {
        const a = rescaled(operand(p.a, zeroA))
        const b = rescaled(operand(p.b, zeroB), scalingB)
        const result = requantiseVector(k, vector(`i32x4.${operation}`, a, b), scalingOutput!)
        k.set(at, p.output)
        storeUpToFour(k, at, narrow(k, clampVector(result, clamp)), p.count)
        for (const moving of [p.a, p.b, p.output]) k.increase(moving, 4)
        k.increase(p.count, -4)
      },
      () => scalar('gt_s', p.count, 0),
    )
  })

export function elementwiseUnit(kernels: Kernels, work: WorkMemory, { offsets }: SharedMemory) {
  const act = offsets.act!
  const byOperation: Readonly<Record<number, Kernels['add']>> = {
    [operations.add]: kernels.add,
    [operations.sub]: kernels.sub,
    [operations.mul]: kernels.mul,
  }

  return (f: ElementwiseFields): boolean => {
    // Element by element, a result would be read again as an operand further on.
    if ([f.a, f.b].some((from) => f.output > from && f.output < from + f.count)) return false
    work.clear()
    const scalings = work.take(3 * SCALING_BYTES)
    for (let lane = 0; lane < 4; lane++) {
      writeScaling(work.words, scalings >> 2, lane, f.multiplierA, f.shiftA)
      writeScaling(work.words, (scalings >> 2) + SCALING_WORDS, lane, f.multiplierB, f.shiftB)
      writeScaling(work.words, (scalings >> 2) + 2 * SCALING_WORDS, lane, f.multiplierOutput, f.shiftOutput)
    }
    const bounds = boundsOf({ ...f, outputZeroPoint: f.zeroPointOutput })
    const places = [act + f.a, act + f.b, act + f.output] as const
    byOperation[f.operation]!(...places, f.count, f.zeroPointA, f.zeroPointB, f.leftShift, scalings, ...bounds)
    return true
  }
}
