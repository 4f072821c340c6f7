import { expect, it } from 'vitest'
import { formatLayerDifferences } from '../../../sim/cli/format-layer-differences.ts'
import { diffTraces } from '../../../sim/trace/diff/diff-traces.ts'
import type { TraceEvent } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { goldenFirmware, NETWORK, recordFirmware } from './golden.ts'

const firmware = goldenFirmware(NETWORK)
const record = async (cpu: string) => new TraceReader(await recordFirmware(firmware, { cpu, groups: ['layer'] }), cpu)
const [fast, slow] = await Promise.all([record('ibex-maxperf'), record('ibex')])

/** The same trace with other events. */
function holding(trace: TraceReader, change: (events: readonly TraceEvent[]) => readonly TraceEvent[]): TraceReader {
  const events = change([...trace.events()])
  return Object.assign(Object.create(trace), { events: () => events })
}

it('a slower hart shows in the layers that it runs, and in the total', () => {
  const { layers, total } = diffTraces(fast, slow).layers!
  expect(layers.map(({ op }) => op)).toEqual(['SOFTMAX'])
  const [softmax] = layers
  expect(softmax!.b!).toBeGreaterThan(softmax!.a! * 1.2)
  expect(total.b - total.a).toBeGreaterThanOrEqual(softmax!.b! - softmax!.a!)
  const lines = formatLayerDifferences({ layers, total }).trim().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^layer +output +- cycles +\+ cycles +difference$/)
  expect(lines[1]).toMatch(/^\d+ SOFTMAX +\S+ +[\d,]+ +[\d,]+ +\+[\d,]+$/)
  expect(lines[2]).toMatch(/^last inference +[\d,]+ +[\d,]+ +\+[\d,]+$/)
})

it('layers of the same run make no table', () => {
  const { layers } = diffTraces(fast, fast)
  expect(layers!.layers).toEqual([])
  expect(formatLayerDifferences(layers!)).toBe('')
})

it('of networks that ran more than once, the last whole inference counts', () => {
  const again = holding(fast, (events) => {
    const end = events.at(-1)!.at
    const slower = events.map((event) => ({ ...event, at: end + 2 * event.at }))
    return [...events, ...slower, { kind: 'layer', at: 10 * end, index: 0, begins: true }]
  })
  const { total } = diffTraces(fast, again).layers!
  expect(total.b).toBe(2 * total.a)
})

it('a layer that did not come to its end is told apart', () => {
  const cut = holding(fast, (events) => events.slice(0, -1))
  const { layers } = diffTraces(fast, cut).layers!
  expect(layers).toMatchObject([{ op: 'SOFTMAX', b: undefined }])
  expect(formatLayerDifferences({ layers, total: { a: 2, b: 1 } })).toContain('not whole')
})

it('other networks are not compared', () => {
  const other = Object.assign(Object.create(slow), { header: { ...slow.header, network: undefined } })
  expect(diffTraces(fast, other).layers).toBeUndefined()
})
