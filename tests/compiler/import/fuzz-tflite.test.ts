import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { UserError } from '../../../sim/diagnostic.ts'
import { sharedPath } from '../../shared.ts'
import { randomModel, randomOperators } from '../random-models.ts'

/** One wound: a place as a fraction of the file, what is written there, how wide. */
const wound = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  value: fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 4, 2 ** 31 - 1, -(2 ** 31), 2 ** 24, 2 ** 30)),
  width: fc.constantFrom(1, 2, 4),
})
const damage = fc.record({
  wounds: fc.array(wound, { minLength: 1, maxLength: 4 }),
  /** How much of the file is left. */
  kept: fc.oneof(
    { arbitrary: fc.constant(1), weight: 3 },
    { arbitrary: fc.double({ min: 0, max: 1, noNaN: true }), weight: 1 },
  ),
})
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function damaged(bytes: Uint8Array, { wounds, kept }: Damage): Uint8Array {
  const copy = new Uint8Array(bytes)
  const view = new DataView(copy.buffer)
  for (const { place, value, width } of wounds) {
    const at = Math.floor(place * (copy.length - 4))
    if (width === 1) view.setInt8(at, value)
    else if (width === 2) view.setInt16(at, value, true)
    else view.setInt32(at, value, true)
  }
  return copy.subarray(0, Math.floor(copy.length * kept))
}

/** Imports, or refuses with one sentence; anything else fails the test. */
function survives(bytes: Uint8Array): void {
  const start = performance.now()
  try {
    importTflite(bytes, 'damaged.tflite')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.render()).toMatch(/^damaged\.tflite: [^\n]+$/)
    expect(error.render().length).toBeLessThan(1000)
  }
  expect(performance.now() - start).toBeLessThan(2000)
}

describe('damaged files end in a sentence, never in a crash, a hang or a huge allocation', () => {
  it('small models of every operator', () => {
    const files = randomOperators.map((op) => randomModel(op, 0).bytes)
    fc.assert(
      fc.property(fc.constantFrom(...files), damage, (bytes, harm) => survives(damaged(bytes, harm))),
      { numRuns: 3000, seed: 1 },
    )
  })

  it('our digits model', () => {
    const file = readFileSync(new URL('../../../programs/digits/digits.tflite', import.meta.url))
    fc.assert(
      fc.property(damage, (harm) => survives(damaged(file, harm))),
      { numRuns: 300, seed: 1 },
    )
  })

  const real = sharedPath('models/tflite/kws_dscnn/model.tflite')
  it.skipIf(real === undefined)('a real model, its tables more often than its weights', () => {
    const file = readFileSync(real!)
    const inTables = damage.map(({ wounds, kept }) => ({
      wounds: wounds.map((one) => ({ ...one, place: one.place < 0.5 ? one.place * 0.1 : 0.6 + one.place * 0.4 })),
      kept,
    }))
    fc.assert(
      fc.property(inTables, (harm) => survives(damaged(file, harm))),
      { numRuns: 300, seed: 1 },
    )
  })

  it('every prefix of a file', () => {
    const { bytes } = randomModel('FULLY_CONNECTED', 3)
    for (let length = 0; length < bytes.length; length++) survives(bytes.subarray(0, length))
  })

  it('every byte of a file turned into its opposite', () => {
    const { bytes } = randomModel('CONV_2D', 3)
    for (let at = 0; at < bytes.length; at++) survives(bytes.with(at, bytes[at]! ^ 0xff))
  })
})
