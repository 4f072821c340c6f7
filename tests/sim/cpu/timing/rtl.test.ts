import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compare, modelFor, relativeError } from '../../../../bench/timing/compare.ts'
import { parseMeasurements } from '../../../../bench/timing/measurements.ts'
import { sharedPath } from '../../../shared.ts'

const engines = ['interpreter', 'translator'] as const
const csv = sharedPath('timing/regions.csv')
const elf = sharedPath('timing/elf')

describe.skipIf(csv === undefined)('every region measured on RTL takes exactly as many cycles here', () => {
  const measurements = csv === undefined ? [] : parseMeasurements(readFileSync(csv, 'utf8'), csv)
  const configurations = new Set(measurements.map(({ core, config, isa }) => `${core} ${config} ${isa}`))

  const cases = [...configurations].flatMap((each) => engines.map((engine) => [each, engine] as const))
  it.each(cases)('%s, %s', async (configuration, engine) => {
    const rows = measurements.filter(({ core, config, isa }) => `${core} ${config} ${isa}` === configuration)
    const comparisons = await compare(rows, elf!, modelFor(rows[0]!)!, engine)
    expect(comparisons.filter((comparison) => relativeError(comparison) !== 0)).toEqual([])
    expect(comparisons.map(({ simulated }) => simulated?.instructions)).toEqual(rows.map((row) => row.instructions))
  })
})

if (csv === undefined) it.skip('needs the shared folder timing/ beside the repository', () => {})
