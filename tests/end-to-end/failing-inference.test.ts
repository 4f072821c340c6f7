/** `sim infer` whose firmware does not come to its end: what it says, what it leaves behind, and how it exits. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportData } from '../../sim/report/report-data.ts'
import { TraceReader } from '../../sim/trace/reader.ts'
import { simIn } from '../sim/cli/command-line.ts'

const digits = fileURLToPath(new URL('../../programs/digits/', import.meta.url))
const image = ['--input', join(digits, 'inputs.npy')]
const model = ['infer', join(digits, 'digits.tflite'), ...image]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sim-failing-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** In a folder of its own, whose files it gives. */
async function infer(...args: readonly string[]) {
  const place = mkdtempSync(join(folder, 'run-'))
  const outcome = await simIn(place)(...model, ...args)
  return { ...outcome, files: readdirSync(place).sort(), read: (file: string) => readFileSync(join(place, file)) }
}

const stuck = ['--inject', 'stuck:unit=load,at=0']
const late = ['--inject', 'stuck:unit=compute,at=3000']

describe.concurrent('an inference that does not come to its end', () => {
  it('is told in one sentence behind its findings, and exits as a run of that firmware would', async () => {
    const { code, out, err, files } = await infer(...stuck, '--sanitize')
    expect({ code, out, files }).toEqual({ code: 126, out: '', files: [] })
    expect(err).toMatch(/^sanitizer: missing-token at cycle \d+: conv \(command 4\) waits for a token from load/)
    expect(err.split('\n').filter((line) => line.startsWith('sim: '))).toEqual([
      expect.stringMatching(/^sim: digits.tflite: sample 0: the inference did not come to its end: the hart waits /),
    ])
    expect(err.endsWith('injected at cycle 0: unit load is stuck; the injected faults did that\n')).toBe(true)
  })

  it('is recorded whole, up to where it stopped', async () => {
    const { code, out, files, read } = await infer(...late, '--trace=run.simtrace')
    expect({ code, out, files }).toEqual({ code: 126, out: 'wrote run.simtrace\n', files: ['run.simtrace'] })
    const trace = new TraceReader(new Uint8Array(read('run.simtrace')), 'run.simtrace')
    expect(trace.complete).toBe(true)
    const waits: number[] = []
    trace.read({ event: (event) => event.kind === 'idle' && waits.push(event.until) })
    expect(waits.at(-1)).toBeGreaterThan(3000)
  })

  it('has a report of the layers that have ended, and a sentence instead of a profile', async () => {
    const { code, out, err, files, read } = await infer(...late, '--report', 'r.json', '--profile')
    expect({ code, out, files }).toEqual({ code: 126, out: 'wrote r.json\n', files: ['r.json'] })
    expect(err).toContain('sim: there is no profile of an inference that did not come to its end; see with --report')
    const data = JSON.parse(read('r.json').toString()) as ReportData
    expect(data.summary.end).toMatch(/^the inference did not come to its end: /)
    expect(data.summary.check).toBeUndefined()
    expect(data.hart!.cycles).toBe(data.summary.cycles)
    expect(data.layers).toEqual([])
    expect(data.timeline.commands.kind.length).toBeGreaterThan(10)
  })

  it('is one JSON object with --json', async () => {
    const { code, out } = await infer(...late, '--sanitize', '--json')
    expect(code).toBe(126)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'inference-failed', file: 'digits.tflite', at: 'sample 0', hint: 'the injected faults did that' },
      run: { reason: 'deadlock', exitCode: 126, cycles: expect.any(Number), console: '' },
      injected: ['sample 0, cycle 3000: unit compute is stuck'],
      findings: expect.any(Array),
      furtherFindings: 0,
    })
  })

  it('exits with 126 when the firmware tells an error itself, with 124 at a limit', async () => {
    const bus = await infer('--inject', 'bus-error:range=0x80000000-0x8fffffff,nth=20', '--json')
    expect(bus.code).toBe(126)
    expect(JSON.parse(bus.out)).toMatchObject({ run: { reason: 'exit', exitCode: 5 } })
    const { code, err, files } = await infer('--max-cycles', '2000', '--trace=run.simtrace', '--sanitize')
    expect({ code, files }).toEqual({ code: 124, files: ['run.simtrace'] })
    expect(err).toMatch(/: reached 2000 cycles; give it more with --max-cycles, or see with --trace what it does\n$/)
  })

  it('leaves no file behind when it is refused', async () => {
    const { code, files } = await infer('--trace=run.simtrace', '--samples', '1000')
    expect({ code, files }).toEqual({ code: 125, files: [] })
  })
})

it('what follows a sample once more follows the faults in it', async () => {
  const args = ['--inject', 'delay-irq:source=11,cycles=5000', '--samples', '1', '--profile', '--report', 'r.json']
  const { code, out, read } = await infer(...args, '--trace=run.simtrace', '--json')
  expect(code).toBe(0)
  const { cycles, profile } = JSON.parse(out)
  expect(profile.cycles).toBe(cycles)
  expect(JSON.parse(read('r.json').toString()).summary.cycles).toBe(cycles)
  const { index } = new TraceReader(new Uint8Array(read('run.simtrace')), 'run.simtrace')
  expect(index.at(-1)![2]).toBeGreaterThan(cycles)
})
