/** What Perfetto's own trace processor says of our files, asked by SQL as ui.perfetto.dev asks it. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { WAITING } from '../../../sim/trace/convert/call-follower.ts'
import { nanosecondsPerCycle, type Selection } from '../../../sim/trace/convert/format.ts'
import { perfetto } from '../../../sim/trace/convert/perfetto.ts'
import { eventGroups } from '../../../sim/trace/events.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { traceStat } from '../../../sim/trace/stat.ts'
import { TraceWriter } from '../../../sim/trace/writer.ts'
import { asm, guest } from '../guest.ts'
import { calls, commands, counters, eventsOf, layers, moments } from './expected-timeline.ts'
import { goldenNames, goldenTrace } from './golden.ts'
import { converted } from './record.ts'
import { hasTraceProcessor, TraceProcessor } from './trace-processor.ts'

if (!hasTraceProcessor) {
  console.warn("tests with Perfetto's trace processor are skipped: npm run fetch:trace-processor gets it (25 MB)")
}

/** Slices and counters with the process and the track that they are on, in cycles. */
const tables = (cycle: number) => `
  INCLUDE PERFETTO MODULE slices.with_context;
  CREATE PERFETTO TABLE shown_slices AS
  SELECT id, parent_id, process_name AS process, thread_name AS track, name, depth, arg_set_id,
    ts / ${cycle.toFixed(3)} AS at, dur / ${cycle.toFixed(3)} AS cycles
  FROM thread_slice ORDER BY id;
  CREATE PERFETTO TABLE shown_counters AS
  SELECT counter.id, process.name AS process, track.name AS track, ts / ${cycle.toFixed(3)} AS at, value
  FROM counter JOIN process_counter_track AS track ON track_id = track.id JOIN process USING (upid)`

const COMPLAINTS = "SELECT name, value FROM stats WHERE severity != 'info' AND value > 0"
const EMPTY_TRACKS = 'SELECT name FROM thread WHERE name IS NOT NULL EXCEPT SELECT track FROM shown_slices'
const UNENDED = 'SELECT track, name, at FROM shown_slices WHERE cycles < 0 ORDER BY track'
const CALLS =
  "SELECT name, depth, at, cycles FROM shown_slices WHERE process GLOB 'hart (*)' AND track = 'functions' ORDER BY id"
const COMMANDS = `
  SELECT track, name, EXTRACT_ARG(arg_set_id, 'args.index') AS command, at, cycles FROM shown_slices
  WHERE process = 'accelerator' AND command IS NOT NULL AND cycles >= 0 AND depth = 0 ORDER BY id`
const LAYERS = `
  SELECT name, EXTRACT_ARG(arg_set_id, 'args.tensor') AS tensor, at, cycles FROM shown_slices
  WHERE process = 'accelerator' AND track GLOB 'layers*' AND depth = 0 ORDER BY id`
const MOMENTS = `
  SELECT track, name, COALESCE(
    EXTRACT_ARG(arg_set_id, 'args.value'), EXTRACT_ARG(arg_set_id, 'args.pc'), EXTRACT_ARG(arg_set_id, 'args.count')
  ) AS detail, at FROM shown_slices
  WHERE track IN ('traps', 'device accesses', 'console', 'tokens', 'fences', 'errors', 'resets') AND cycles = 0 ORDER BY id`
/** When a counter changes more than once in a cycle, the last value counts. */
const COUNTERS = `
  SELECT track, at, value FROM shown_counters
  WHERE id IN (SELECT MAX(id) FROM shown_counters GROUP BY track, at) ORDER BY track, at`

const golden = (name: string) => new TraceReader(goldenTrace(name), name)

describe.skipIf(!hasTraceProcessor)("Perfetto's trace processor", () => {
  let processor: TraceProcessor
  beforeAll(async () => {
    processor = await TraceProcessor.start()
  })
  const query = (sql: string) => processor.query(sql)
  const load = async (trace: TraceReader, selection: Selection = {}) => {
    await processor.load(converted(trace, perfetto, selection))
    await query(tables(nanosecondsPerCycle(trace)))
  }

  describe.each(goldenNames)('reads %s', (name) => {
    const trace = golden(name)
    const events = eventsOf(trace)
    beforeAll(() => load(trace))

    it('without an error or a loss: all that begins ends, on a track that has a name', async () => {
      expect(await query(COMPLAINTS)).toEqual([])
      expect(await query(UNENDED)).toEqual([])
      expect(await query(EMPTY_TRACKS)).toEqual([])
      expect(await query('SELECT * FROM shown_slices WHERE process IS NULL OR track IS NULL')).toEqual([])
      expect(await query('SELECT id FROM slice EXCEPT SELECT id FROM shown_slices')).toEqual([])
      expect(await query('SELECT id FROM counter EXCEPT SELECT id FROM shown_counters')).toEqual([])
    })

    it('with all functions, called from where they were called, for as long as they took', async () => {
      expect(await query(CALLS)).toEqual(calls(trace))
    })

    it('with everything that happened in one moment', async () => {
      expect(await query(MOMENTS)).toEqual(moments(events))
    })
  })

  // What an error does to commands is another question: see below.
  it.each(goldenNames.filter((name) => name !== 'accelerator-error'))(
    'shows all commands of %s, and the counters of queues, bus and interrupt lines',
    async (name) => {
      const trace = golden(name)
      await load(trace)
      const events = eventsOf(trace)
      expect(await query(COMMANDS)).toEqual(commands(events))
      expect(await query(COUNTERS)).toEqual(counters(events))
    },
  )

  describe('shows an inference', () => {
    const trace = golden('digits')
    const events = eventsOf(trace)

    beforeEach(() => load(trace))

    it('on tracks of the hart, the accelerator and the platform', async () => {
      const sql = `
        SELECT process, track FROM shown_slices UNION SELECT process, track FROM shown_counters
        ORDER BY process, track`
      expect((await query(sql)).map(({ process, track }) => `${process}: ${track}`)).toEqual([
        'accelerator: bus transfers',
        'accelerator: compute',
        'accelerator: compute queue',
        'accelerator: fences',
        'accelerator: front-end queue',
        'accelerator: layers',
        'accelerator: layers (2)',
        'accelerator: layers (3)',
        'accelerator: layers (4)',
        'accelerator: layers (5)',
        'accelerator: load',
        'accelerator: load queue',
        'accelerator: resets',
        'accelerator: store',
        'accelerator: store queue',
        'accelerator: tokens',
        'default: interrupt line 11 level',
        'hart (ibex-maxperf): device accesses',
        'hart (ibex-maxperf): functions',
      ])
    })

    it('with its layers, no two of which share a track at the same time', async () => {
      const expected = layers(trace, events)
      expect(expected).toHaveLength(11)
      expect(await query(LAYERS)).toEqual(expected)
    })

    it('with the cycles of each function, as they are counted by instructions', async () => {
      const sql = `
        SELECT name, SUM(cycles - IFNULL((SELECT SUM(cycles) FROM shown_slices WHERE parent_id = calls.id), 0)) AS cycles
        FROM shown_slices AS calls WHERE track = 'functions' AND name != '${WAITING}'
        GROUP BY name ORDER BY cycles DESC, name`
      const expected = traceStat(trace, 1).functions.map(({ name, cycles }) => ({ name, cycles }))
      expect(await query(sql)).toEqual(expected.toSorted((a, b) => b.cycles - a.cycles || (a.name < b.name ? -1 : 1)))
    })

    it('of which a part is read: what its end cuts off does not end, what began before is not there', async () => {
      const [from, to] = [2000, 6000]
      await load(trace, { from, to })
      const part = eventsOf(trace, { from, to })
      expect(await query(COMPLAINTS)).toEqual([])
      expect(await query(EMPTY_TRACKS)).toEqual([])
      expect(await query(COMMANDS)).toEqual(commands(part))
      expect(await query(MOMENTS)).toEqual(moments(part))
      const all = [...commands(events), ...layers(trace, events)]
      const cut = all.filter(({ at, cycles }) => at >= from && at < to && at + cycles >= to)
      expect(cut.map(({ name }) => name)).toEqual(['conv', '5 CONV_2D'])
      expect(await query(UNENDED)).toMatchObject(cut.map(({ name, at }) => ({ name, at })))
    })
  })

  it('shows a command that fails until its error, and no queue that a reset has emptied as full', async () => {
    await load(golden('accelerator-error'))
    const failed = { track: 'load', name: 'load', command: 0, at: 3596, cycles: 3612 - 3596 }
    expect(await query(`SELECT * FROM (${COMMANDS}) WHERE track = 'load'`)).toEqual([
      { ...failed, at: 878, cycles: 17 },
      failed,
      { ...failed, at: 10_494, cycles: 17 },
    ])
    expect(await query(`SELECT * FROM (${MOMENTS}) WHERE at = 3612`)).toMatchObject([
      { track: 'errors', name: 'command 0 (load) at 0x80001400: bus error at 0x70000000' },
    ])
    const last =
      'SELECT track, value FROM shown_counters WHERE id IN (SELECT MAX(id) FROM shown_counters GROUP BY track)'
    expect((await query(last)).filter(({ value }) => value !== 0)).toEqual([])
  })

  it('shows the outermost 512 calls of a recursion without end: it would mix up the ends of more', async () => {
    const pieces: Uint8Array[] = []
    const platform = { soc: defaultSoc, isa: 'rv32im', cpu: 'ideal' }
    const writer = new TraceWriter((bytes) => pieces.push(bytes.slice()), { platform, events: new Set(eventGroups) })
    const recursion = [asm('addi', { rd: 5, rs1: 5, imm: 1 }), asm('jal', { rd: 1, imm: -4 })]
    guest(recursion, { cpu: 'ideal', probes: [writer.probe] }).run({ maxInstructions: 2000 })
    writer.close()
    await load(new TraceReader(new Uint8Array(Buffer.concat(pieces)), 'recursion'))
    expect(await query(UNENDED)).toEqual([])
    const sql = 'SELECT COUNT(*) AS calls, MAX(depth) AS deepest, MAX(at + cycles) AS ends FROM shown_slices'
    expect(await query(sql)).toEqual([{ calls: 512, deepest: 511, ends: 2000 }])
  })
})
