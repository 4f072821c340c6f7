/** Matchers for vitest; importing this file makes them known. */
import { expect } from 'vitest'
import { findingText } from '../sanitize/places.ts'
import type { CallResult } from './session.ts'
import type { Tensor } from './tensor.ts'
import { tensorDifference } from './tensor-difference.ts'

interface KernelMatchers<R = unknown> {
  /** Same type, shape and elements; says how many elements differ, where the first ones are, and by how much. */
  toEqualTensor(expected: Tensor, options?: { readonly tolerance?: number }): R
  /** A call that took no more cycles than that. */
  toTakeAtMostCycles(cycles: number): R
  /** A call in which the sanitizer found nothing: no race, no read of what nobody wrote, no misuse of the hardware. */
  toBeRaceFree(): R
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares it so
  interface Matchers<T = any> extends KernelMatchers<T> {}
}

expect.extend({
  toEqualTensor(actual: Tensor, expected: Tensor, { tolerance = 0 } = {}) {
    const difference = tensorDifference(actual, expected, tolerance)
    return { pass: difference === undefined, message: () => difference?.text ?? 'the tensors are equal' }
  },
  toTakeAtMostCycles({ function: name, cycles }: CallResult, most: number) {
    const verdict = cycles <= most ? `no more than ${most}` : `${cycles - most} more than ${most}`
    return { pass: cycles <= most, message: () => `${name} takes ${cycles} cycles, ${verdict}` }
  },
  toBeRaceFree({ function: name, findings }: CallResult) {
    if (findings === undefined) throw new Error(`${name} was not followed: load the firmware with sanitize: true`)
    const text = findings.map(findingText).join('')
    return {
      pass: findings.length === 0,
      message: () => (text === '' ? `${name} is free of races` : `${name}: ${text}`),
    }
  },
})
