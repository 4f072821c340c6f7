import { beforeAll, describe, expect, it } from 'vitest'
import type { InferReport } from '../../../sim/cli/infer-model.ts'
import type { CycleSplit } from '../../../sim/profile/inference-profile.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { digitsReport } from './digits.ts'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const total = (split: CycleSplit) => sum(Object.values(split))

const reports = new Map<string, ReturnType<typeof digitsReport>>()
/** The report with an accelerator; made once. */
function reportOf(accelerator: string) {
  const known = reports.get(accelerator) ?? digitsReport(accelerator)
  reports.set(accelerator, known)
  return known
}

describe.each(['cnn', 'none'])('the data of an inference, accelerator %s', (accelerator) => {
  let infer: InferReport
  let data: ReportData
  beforeAll(async () => {
    const report = await reportOf(accelerator)
    infer = report.infer
    data = report.data
  }, 60_000)

  it('has the cycles that sim infer tells, in all and layer by layer', () => {
    expect(data.summary).toMatchObject({ cycles: infer.cycles, instructions: infer.instructions, memory: infer.memory })
    const run = infer.layers.filter(({ cycles }) => cycles > 0)
    expect(data.layers.map(({ name, op, target, macs, cycles }) => ({ name, op, target, macs, cycles }))).toEqual(
      run.map(({ name, op, target, macs, cycles }) => ({ name, op, target, macs, cycles })),
    )
  })

  it('puts every cycle in one place', () => {
    for (const { split, cycles } of data.layers) expect(total(split)).toBe(cycles)
    expect(sum(data.layers.map(({ cycles }) => cycles)) + data.between!.cycles).toBe(data.summary.cycles)
    expect(data.flame!.cycles).toBe(data.summary.cycles)
  })

  it('keeps events in the window, and commands in their units one after the other', () => {
    const { commands, calls, units, cycles } = data.timeline
    for (const { from, until } of [commands, calls, data.timeline.waits!]) {
      for (const [i, begin] of from.entries()) {
        expect(begin).toBeGreaterThanOrEqual(0)
        expect(until[i]).toBeGreaterThanOrEqual(begin)
        expect(until[i]).toBeLessThanOrEqual(cycles)
      }
    }
    for (const unit of units.keys()) {
      const own = [...commands.unit.keys()].filter((i) => commands.unit[i] === unit)
      for (const [k, i] of own.slice(1).entries())
        expect(commands.from[i]).toBeGreaterThanOrEqual(commands.until[own[k]!]!)
    }
  })
})

describe('the data of an inference', () => {
  it('is the same every time', async () => {
    expect((await digitsReport('cnn')).data).toEqual((await reportOf('cnn')).data)
  })

  it('knows the MACs and the layer of every command, what the scratchpads hold, and what bounds a layer', async () => {
    const { data } = await reportOf('cnn')
    const { commands } = data.timeline
    const onCnn = data.layers.filter(({ target }) => target === 'cnn')
    expect(sum(commands.macs)).toBe(sum(onCnn.map(({ macs }) => macs)))
    expect(Math.min(...commands.layer)).toBe(0)
    expect(sum(onCnn.map((layer) => layer.commands))).toBe(commands.kind.length)
    expect(data.roofline).toEqual({ peakMacsPerCycle: 256, bytesPerCycle: 16 })
    for (const { bytes, peakBytes, spans, pieces } of data.scratchpads) {
      expect(peakBytes).toBeLessThanOrEqual(bytes)
      for (const [i, address] of spans.address.entries()) expect(address + spans.bytes[i]!).toBeLessThanOrEqual(bytes)
      // Who wrote something began when it was written, in the layer that it is of.
      for (const [i, command] of spans.command!.entries()) {
        expect([commands.from[command], commands.layer[command]]).toEqual([spans.from[i], spans.layer[i]])
      }
      // What is in use lies in pieces of the compiler, up to the ends of lines.
      for (const [i, address] of spans.address.entries()) {
        const layer = spans.layer[i]!
        const there = pieces!.filter(({ first, last }) => first <= layer && layer <= last)
        expect(
          there.some(({ offset, bytes: size }) => offset < address + spans.bytes[i]! && address < offset + size),
        ).toBe(true)
      }
    }
    for (const { macs, cycles } of onCnn) expect(macs).toBeLessThanOrEqual(256 * cycles)
    const { notes, things, touches, kinds } = commands
    for (const list of [notes!, touches!]) expect(list).toHaveLength(commands.kind.length)
    for (const note of notes!) expect(note).not.toBe('')
    for (const thing of touches!.flat()) expect(things![thing]).toBeTruthy()
    for (const { fields, formats } of kinds) expect(formats).toHaveLength(fields.length)
    const load = kinds.find(({ name }) => name === 'load')!
    const formatOf = (field: string) => load.formats![load.fields.indexOf(field)]
    expect(['wait', 'ram', 'bytes'].map(formatOf)).toEqual(['units', 'address', 'number'])
    expect(formatOf('memory')).toEqual({ values: { act: 0, wgt: 1 }, flags: false })
    expect(data.layers[5]!.bottleneck).toMatch(/^computing takes \d+ % of the time at 2\d\d of 256 MAC\/cycle/)
  })

  it('follows calls on the CPU', async () => {
    const { data } = await reportOf('none')
    const names = new Set(data.timeline.calls.names)
    expect([...names]).toEqual(expect.arrayContaining(['main', 'model_invoke', 'conv_s8', 'softmax_s8']))
    expect(data.layers.every(({ split, cycles }) => split.cpu === cycles)).toBe(true)
    const path: string[] = []
    for (let frame = data.flame!; ; frame = frame.children[0]!) {
      path.push(frame.name)
      if (frame.children.length === 0 || frame.name.endsWith('_s8')) break
    }
    expect(path).toEqual(['hart', '_start', 'main', 'model_invoke', 'conv_s8'])
  })
})
