/**
 * ELEMENTWISE: sum, difference or product of two tensors of the same shape, both rescaled, exactly as
 * TFLite's reference kernels compute them for int8.
 *
 *   add, sub: requantise(requantise((a - zeroPointA) << leftShift, multiplierA, shiftA)
 *                    +/- requantise((b - zeroPointB) << leftShift, multiplierB, shiftB), multiplierOutput, shiftOutput)
 *   mul:      requantise((a - zeroPointA) * (b - zeroPointB), multiplierOutput, shiftOutput)
 *
 * then + zeroPointOutput and the clamp. Both operands come through the one read port of the vector
 * unit: two cycles per vector of `lanes`.
 */
import { address, type FieldValues, firstZero, i8, i32, oneOf, u8, u32 } from '../../../sim/accel/description.ts'
import { requantise, shiftProblem } from '../../../sim/accel/requantise.ts'
import { command, REQUANTISE_CYCLES, SETUP_CYCLES } from '../parameters.ts'

export const operations = { add: 0, mul: 1, sub: 2 } as const

const fields = {
  a: address('act', 'first operand'),
  b: address('act', 'second operand'),
  output: address('act', 'result; may be one of the operands'),
  count: u32('elements'),
  operation: oneOf(operations, 'what to compute'),
  zeroPointA: i8('zero point of a'),
  zeroPointB: i8('zero point of b'),
  zeroPointOutput: i8('zero point of the result'),
  leftShift: u8('headroom of add and sub: bits that both operands gain before they are rescaled, at most 20'),
  multiplierA: i32('Q31 multiplier of a (add, sub)'),
  multiplierB: i32('Q31 multiplier of b (add, sub)'),
  multiplierOutput: i32('Q31 multiplier of the result'),
  shiftA: i8('shift of a, left positive (add, sub)'),
  shiftB: i8('shift of b, left positive (add, sub)'),
  shiftOutput: i8('shift of the result, left positive'),
  activationMin: i8('lower clamp of the output'),
  activationMax: i8('upper clamp of the output'),
} as const
export type ElementwiseFields = FieldValues<typeof fields>

export const elementwise = command({
  opcode: 0x20,
  unit: 'compute',
  doc: 'sum, difference or product of two tensors, both rescaled',
  fields,
  check(f) {
    if (f.activationMin > f.activationMax) return { field: 'activationMin', message: 'is above activationMax' }
    if (f.leftShift > 20) return { field: 'leftShift', message: 'must be at most 20' }
    return firstZero(f, ['count']) ?? shiftProblem(f, ['shiftA', 'shiftB', 'shiftOutput'])
  },
  touches: (f) => [
    { memory: 'act', access: 'read', field: 'a', start: f.a, bytes: f.count },
    { memory: 'act', access: 'read', field: 'b', start: f.b, bytes: f.count },
    { memory: 'act', access: 'write', field: 'output', start: f.output, bytes: f.count },
  ],
  // An operand passes the requantiser once and their sum again: its pipeline is paid twice.
  cycles: (f, p) => ({ cycles: SETUP_CYCLES + 2 * Math.ceil(f.count / p.lanes) + 2 * REQUANTISE_CYCLES }),
  execute(f, { memories }) {
    const act = memories.act!
    const combine = combiners[f.operation]!(f)
    for (let i = 0; i < f.count; i++) {
      const scaled = requantise(combine(act[f.a + i]!, act[f.b + i]!), f.multiplierOutput, f.shiftOutput)
      act[f.output + i] = Math.min(f.activationMax, Math.max(f.activationMin, scaled + f.zeroPointOutput))
    }
    return undefined
  },
})

type Combine = (a: number, b: number) => number
const scaledA = (f: ElementwiseFields, a: number) =>
  requantise((a - f.zeroPointA) << f.leftShift, f.multiplierA, f.shiftA)
const scaledB = (f: ElementwiseFields, b: number) =>
  requantise((b - f.zeroPointB) << f.leftShift, f.multiplierB, f.shiftB)

/** What each operation does before the last rescaling, by its number. */
const combiners: Readonly<Record<number, (f: ElementwiseFields) => Combine>> = {
  [operations.add]: (f) => (a, b) => (scaledA(f, a) + scaledB(f, b)) | 0,
  [operations.sub]: (f) => (a, b) => (scaledA(f, a) - scaledB(f, b)) | 0,
  [operations.mul]: (f) => (a, b) => (a - f.zeroPointA) * (b - f.zeroPointB),
}
