/** What speedscope itself, in a browser, makes of our files: it reads its own format, Chrome's, folded stacks and Callgrind's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callgrind } from '../../../sim/trace/convert/callgrind.ts'
import type { TraceFormat } from '../../../sim/trace/convert/format.ts'
import { perfetto } from '../../../sim/trace/convert/perfetto.ts'
import { folded, speedscope } from '../../../sim/trace/convert/stacks.ts'
import { TraceReader } from '../../../sim/trace/reader.ts'
import { traceStat } from '../../../sim/trace/stat.ts'
import { browserPath, openBrowser } from '../report/browser.ts'
import { goldenTrace } from './golden.ts'
import { converted } from './record.ts'

const require = createRequire(import.meta.url)
const app = join(dirname(require.resolve('speedscope/package.json')), 'dist/release/index.html')
const SLOW = 60_000

/** What speedscope says of a profile when it exports what it has read. */
interface ReadProfile {
  readonly name: string
  readonly endValue: number
  readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[]
}

describe.skipIf(browserPath === undefined)('speedscope', () => {
  const folder = mkdtempSync(join(tmpdir(), 'speedscope-'))
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, SLOW)
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens a trace in speedscope as its command line does. */
  async function read(trace: TraceReader, format: TraceFormat, name: string) {
    const script = join(folder, `${name}.js`)
    const base64 = Buffer.from(converted(trace, format)).toString('base64')
    writeFileSync(script, `speedscope.loadFileFromBase64(${JSON.stringify(name)}, "${base64}")`)
    const page = await browser.newPage()
    const messages: string[] = []
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    await page.goto(`${pathToFileURL(app).href}#localProfilePath=${script}`)
    const download = page.waitForEvent('download')
    await page.getByText('Export').click()
    const file = join(folder, `${name}.exported.json`)
    await (await download).saveAs(file)
    await page.close()
    const { profiles, shared } = JSON.parse(readFileSync(file, 'utf8'))
    return {
      profiles: profiles as ReadProfile[],
      frames: (shared.frames as { name: string }[]).map((frame) => frame.name),
      complaints: messages.filter((text) => /^(ts=|Frame|Tried|Error|Failed)|[Ee]rror:/.test(text)),
    }
  }

  const interrupts = new TraceReader(goldenTrace('interrupts'), 'interrupts')
  const stat = traceStat(interrupts, 1)

  it.each([
    [speedscope, 'run.speedscope.json'],
    [folded, 'run.folded.txt'],
  ])(
    'reads $name with all functions and cycles',
    async (format, name) => {
      const { profiles, frames, complaints } = await read(interrupts, format, name)
      expect(complaints).toEqual([])
      expect(profiles.map(({ endValue }) => endValue)).toEqual([stat.lastCycle])
      const functions = stat.functions.map((one) => one.name)
      expect(frames).toEqual(expect.arrayContaining(functions))
    },
    SLOW,
  )

  it(
    'reads callgrind with all instructions',
    async () => {
      const { profiles, complaints } = await read(interrupts, callgrind, 'callgrind.out.run')
      expect(complaints).toEqual([])
      const instructions = profiles.find(({ name }) => /instructions/i.test(name))
      expect(instructions?.endValue).toBe(stat.instructions)
    },
    SLOW,
  )

  it.each(['interrupts', 'nested-interrupts', 'digits'])(
    'reads the file for Perfetto of %s: all slices nest, and last to the end',
    async (name) => {
      const trace = new TraceReader(goldenTrace(name), name)
      const { profiles, complaints } = await read(trace, perfetto, `${name}.json`)
      expect(complaints).toEqual([])
      const hart = profiles.find((one) => one.name.includes('functions'))!
      const cycles = (microseconds: number) => Math.round((microseconds * trace.header.soc.clockHz) / 1e6)
      expect(cycles(hart.endValue)).toBe(traceStat(trace, 1).lastCycle)
      if (name !== 'digits') return
      const started: string[] = []
      trace.read({ event: (event) => event.kind === 'started' && started.push(event.command.unit) })
      for (const unit of new Set(started)) {
        const track = profiles.find((one) => one.name.includes(`, ${unit} (`))!
        const opened = track.events.filter(({ type }) => type === 'O').length
        expect([unit, opened]).toEqual([unit, started.filter((one) => one === unit).length])
      }
    },
    SLOW,
  )
})
