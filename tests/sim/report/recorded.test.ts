import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { buildModel } from '../../../compiler/build-model.ts'
import { compileModel } from '../../../compiler/compile.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { buildProgram } from '../../../programs/build.ts'
import { buildPlanted } from '../../../programs/planted-bugs/build.ts'
import { programs } from '../../../programs/programs.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { chooseAccelerator } from '../../../sim/cli/choose-accelerator.ts'
import { reportFirmware } from '../../../sim/cli/report-firmware.ts'
import { reportTrace } from '../../../sim/cli/report-trace.ts'
import { openTrace, type TraceArguments } from '../../../sim/cli/trace-options.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { findBlock } from '../../../sim/soc/description.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { digitsModel } from '../../end-to-end/shared-models.ts'
import { digitsReport } from './digits.ts'

const folder = mkdtempSync(join(tmpdir(), 'presilicon-recorded-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes firmware to a file, and a trace of its run to another. */
async function recorded(name: string, elf: Uint8Array, options: Omit<TraceArguments, 'trace'> = {}) {
  const [firmware, trace] = [join(folder, `${name}.elf`), join(folder, `${name}.simtrace`)]
  writeFileSync(firmware, elf)
  const open = (await openTrace({ trace, ...options }, defaultSoc, {}))!
  const machine = new Machine(defaultSoc, {
    accelerators: await acceleratorFactories(defaultSoc),
    probes: [open.probe],
  })
  machine.load(await loadElf(elf, firmware))
  machine.run()
  open.close()
  return { firmware, trace, machine }
}

/** What a trace knows as well as the run: all but findings, how it ended, and the parts of the program in memory. */
function comparable({ findings: _, provenance: __, hart, summary: { end: ___, ...summary }, ...data }: ReportData) {
  return { ...data, summary, hart: { ...hart, memory: undefined } }
}

async function digitsFirmware(): Promise<Uint8Array> {
  const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')
  const { bytes, name } = digitsModel()
  return await buildModel(compileModel(bytes, name, { soc, target: target! }), findToolchain())
}

/** Cycles in which a unit has a command and waits for its tokens, as the page draws them. */
function tokenWaits({ timeline: { commands } }: ReportData, unit: number): number {
  let [free, waits] = [0, 0]
  for (const i of [...commands.kind.keys()].filter((i) => commands.unit[i] === unit)) {
    waits += Math.max(0, commands.from[i]! - Math.max(free, commands.queued[i]!))
    free = commands.until[i]!
  }
  return waits
}

it('units wait for tokens as long as their own counters say', async () => {
  const { firmware, machine } = await recorded('waits', await digitsFirmware())
  const data = await reportFirmware(firmware, { soc: 'default' })
  const { base } = findBlock(defaultSoc, 'accelerator')!
  const counters = data.timeline.units.map((unit) => {
    const { offset } = cnn.registers.find(({ name }) => name === `PERF_${unit.toUpperCase()}_WAIT_TOKEN`)!
    return machine.bus.read(base + offset, 4)
  })
  expect(data.timeline.units.map((_, unit) => tokenWaits(data, unit))).toEqual(counters)
  expect(Math.max(...counters.map(Number))).toBeGreaterThan(0)
})

it('a command that never gets its token is there, and waits to the end', async () => {
  const { firmware } = await recorded('missing-token', await buildPlanted(true, 'missing-token'))
  const { timeline, findings } = await reportFirmware(firmware, { soc: 'default' })
  const { commands, units, cycles } = timeline
  const last = commands.kind.length - 1
  expect(units[commands.unit[last]!]).toBe('store')
  expect([commands.from[last], commands.waitedFor[last]]).toEqual([cycles, []])
  expect(commands.queued[last]).toBeLessThan(cycles)
  expect(findings!.map(({ kind }) => kind)).toContain('missing-token')
})

it('a recorded run gives the report of the run, functions, layers and all', async () => {
  const { firmware, trace } = await recorded('digits', await digitsFirmware())
  const [live, replayed] = [await reportFirmware(firmware, { soc: 'default' }), await reportTrace(trace)]
  expect(comparable(replayed)).toEqual(comparable(live))
  expect(live.findings).toEqual([])
  expect(replayed.findings).toBeUndefined()
})

it('firmware with a network has the layers that sim infer shows', async () => {
  const { firmware } = await recorded('network', await digitsFirmware())
  const { layers, between, summary, arena } = await reportFirmware(firmware, { soc: 'default' })
  const { data: inferred, infer } = await digitsReport()
  expect(layers.map(({ op }) => op)).toEqual(inferred.layers.map(({ op }) => op))
  // Without an input the CPU's softmax takes another time; commands always take the same.
  const onUnits = ({ layers }: Pick<ReportData, 'layers'>) => layers.filter(({ target }) => target === 'cnn')
  expect(onUnits({ layers })).toEqual(onUnits(inferred))
  expect(layers.reduce((sum, { cycles }) => sum + cycles, between!.cycles)).toBe(summary.cycles)
  expect(arena).toEqual(inferred.arena)
  expect(arena!.lowerBoundBytes).toBe(infer.memory.arenaLowerBoundBytes)
})

it('firmware without a network is shown from reset to its end, tasks with their own stacks', async () => {
  const scheduler = programs.find(({ name }) => name === 'scheduler')!
  const { firmware, trace } = await recorded('scheduler', await buildProgram(scheduler))
  const data = await reportFirmware(firmware, { soc: 'default' })
  const { timeline, flame } = await reportTrace(trace)
  expect({ timeline, flame }).toEqual({ timeline: data.timeline, flame: data.flame })
  expect(data.flame!.cycles).toBe(data.summary.cycles)
  const churn = data.flame!.children.find(({ name }) => name === 'task')!.children[0]!
  expect(churn).toMatchObject({ name: 'churn', children: [] })
  const { depth, name, names } = data.timeline.calls
  const depths = depth.filter((_, i) => names[name[i]!] === 'task')
  expect(new Set(depths)).toEqual(new Set([0]))
})

it('a trace that was cut off shows what is there, and one without anything is refused', async () => {
  const { trace } = await recorded('cut', await digitsFirmware())
  const bytes = readFileSync(trace)
  const [first] = new TraceReader(bytes, trace).index
  const keep = (name: string, length: number) => {
    const file = join(folder, name)
    writeFileSync(file, bytes.subarray(0, length))
    return file
  }
  const { summary } = await reportTrace(keep('without-end.simtrace', bytes.length - 1))
  expect(summary.end).toBe('The trace is cut off: the end of the run is missing.')
  expect(summary.instructions).toBeGreaterThan(0)
  await expect(reportTrace(keep('empty.simtrace', first![0]))).rejects.toThrow('the trace holds nothing')
})

it('a trace that begins in the midst of an inference says so, and makes no layer longer than it was', async () => {
  const { machine } = await recorded('whole', await digitsFirmware())
  const end = machine.hart.cycles
  const traceFrom = end >> 1
  const { trace } = await recorded('part', await digitsFirmware(), { traceFrom })
  const { layers, summary, timeline, flame } = await reportTrace(trace)
  expect(layers).toEqual([])
  expect(summary.end).toBe('It has no inference from its begin on: layers are left out.')
  expect(summary.cycles).toBeLessThanOrEqual(end - traceFrom)
  expect(flame!.cycles).toBeLessThanOrEqual(summary.cycles)
  expect(timeline.commands.kind.length).toBeGreaterThan(0)
})

it('a trace of the accelerator alone shows its units, and says what is missing', async () => {
  const groups = ['dma', 'compute', 'token'] as const
  const { trace } = await recorded('units', await digitsFirmware(), { traceEvents: groups })
  const { timeline, layers, hart, flame, summary } = await reportTrace(trace)
  expect(timeline.commands.kind.length).toBeGreaterThan(0)
  expect(timeline.tokens.pairs.length).toBeGreaterThan(0)
  expect([layers, hart, flame, timeline.waits]).toEqual([[], undefined, undefined, undefined])
  expect(summary.end).toBe(
    'It has no events of commit, mem, mmio, trap, irq, layer, uart: what needs them is left out.',
  )
})
