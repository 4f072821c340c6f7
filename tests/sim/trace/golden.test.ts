/**
 * What the firmware in `traces/` does, to the cycle, is what it did when its trace was recorded. When a change is meant,
 * `npm run traces:update` records the traces again.
 */
import { readdirSync, statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { timingModels } from '../../../sim/cpu/timing/models.ts'
import { diffTraces } from '../../../sim/trace/diff/diff-traces.ts'
import { formatDiff } from '../../../sim/trace/diff/format-diff.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { goldenFirmware, goldenNames, goldenTrace, hasGolden, recordFirmware } from './golden.ts'

it('every program has a golden trace: npm run traces:update records those that are missing', () => {
  expect(goldenNames.filter((name) => !hasGolden(name))).toEqual([])
})

it('all golden traces with their firmware take less than 200 KB', () => {
  const folder = new URL('../../../traces/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name !== 'README.md')
  expect(files.reduce((bytes, name) => bytes + statSync(new URL(name, folder)).size, 0)).toBeLessThan(200_000)
})

it.each(goldenNames.filter(hasGolden))('%s does what it did, in the same cycles', async (name) => {
  const golden = new TraceReader(goldenTrace(name), name)
  const now = new TraceReader(await recordFirmware(goldenFirmware(name)), name)
  expect(formatDiff(diffTraces(golden, now), golden, now)).toBe('the traces are the same\n')
})

it.each(timingModels.filter(({ name }) => name !== 'ibex-maxperf'))(
  'does the same, in other cycles, with $name',
  async ({ name: cpu }) => {
    const golden = new TraceReader(goldenTrace('hello'), 'hello')
    const now = new TraceReader(await recordFirmware(goldenFirmware('hello'), { cpu }), 'hello')
    const { difference, shift } = diffTraces(golden, now)
    expect(difference).toBeUndefined()
    expect(shift).toBeDefined()
  },
)
