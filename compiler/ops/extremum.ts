import { type Broadcast, broadcastOf, checkBroadcast, forEachRun } from './broadcast.ts'
import { ensureInt8, ensureSameQuantisation } from './constraints.ts'
import type { OperatorDefinition, OperatorView } from './operator.ts'
import type { BinaryInputs } from './sum.ts'

type Extremum = OperatorView<'maximum' | 'minimum', BinaryInputs, readonly [Int8Array]>
export type ExtremumDefinition<K extends 'maximum' | 'minimum'> = OperatorDefinition<
  K,
  Broadcast,
  BinaryInputs,
  readonly [Int8Array]
>

/** All three tensors have one quantisation, so integers compare as the reals do. @throws OperatorMismatch */
export function checkExtremum({ inputs: [a, b], outputs: [output] }: Extremum): void {
  ensureInt8(a, 'first input')
  ensureInt8(b, 'second input')
  ensureInt8(output, 'output')
  ensureSameQuantisation(a, output, 'first input and output')
  ensureSameQuantisation(b, output, 'second input and output')
  checkBroadcast(a, b, output)
}

/** Kernel parameters of maximum_s8 and minimum_s8. */
export function extremumParameters({ inputs: [a, b] }: Extremum): Broadcast {
  return broadcastOf(a.shape, b.shape)
}

/** @param sign 1 for the larger element, -1 for the smaller */
export function evaluateExtremum(p: Broadcast, [a, b]: BinaryInputs, out: Int8Array, sign: number): void {
  forEachRun(p, (to, aFrom, aStride, bFrom, bStride, count) => {
    for (let i = 0; i < count; i++) {
      const [x, y] = [a[aFrom + i * aStride]!, b[bFrom + i * bStride]!]
      out[to + i] = sign * (x - y) >= 0 ? x : y
    }
  })
}
