import { describe, expect, test } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { resolveParameters } from '../../../sim/accel/resolve-parameters.ts'
import { UserError } from '../../../sim/diagnostic.ts'

/** The sentence that a user reads. */
function problem(overrides: Record<string, number>): string {
  try {
    resolveParameters(cnn, overrides)
  } catch (error) {
    if (error instanceof UserError) return error.render()
    throw error
  }
  return 'none'
}

describe('design parameters', () => {
  test('are the defaults where nothing else is asked for', () => {
    expect(resolveParameters(cnn)).toMatchObject({ rows: 16, columns: 16, activationKiB: 64, dmaBytesPerCycle: 16 })
    expect(resolveParameters(cnn, { rows: 32 })).toMatchObject({ rows: 32, columns: 16 })
  })

  test('of a wrong name are refused with the names that exist', () => {
    expect(problem({ row: 8 })).toMatch(/^accelerator cnn has no parameter row; its parameters are rows, columns, /)
  })

  test.each([
    [{ rows: 6 }, 'rows = 6 MAC rows is not possible; use a multiple of 4 from 4 to 128'],
    [{ rows: 0 }, 'rows = 0 MAC rows is not possible; use a multiple of 4 from 4 to 128'],
    [{ columns: 256 }, 'columns = 256 MAC columns is not possible; use a multiple of 4 from 4 to 128'],
    [{ dmaLatency: 2.5 }, 'dmaLatency = 2.5 cycles is not possible; use a whole number from 0 to 1000'],
    [{ dmaLatency: Number.NaN }, 'dmaLatency = NaN cycles is not possible; use a whole number from 0 to 1000'],
  ])('outside their range are refused: %o', (overrides, sentence) => {
    expect(problem(overrides)).toBe(sentence)
  })
})
