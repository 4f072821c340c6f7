import { describe, expect } from 'vitest'
import { reportPage } from '../../../sim/cli/report-page.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { sharedModel } from '../../end-to-end/shared-models.ts'
import { browserPath } from './browser.ts'
import { contrast } from './contrast.ts'
import { inferenceReport } from './digits.ts'
import { it } from './report-test.ts'

describe.skipIf(browserPath === undefined)('the page of a report', () => {
  it('opens without a complaint, asks for nothing, and is small', async ({ html, shared }) => {
    const { page, complaints } = shared
    expect(await page.title()).toBe('digits.tflite: report')
    expect(complaints).toEqual([])
    expect(html.length).toBeLessThan(200_000)
  })

  it('shows the numbers of its data', async ({ data, page }) => {
    const text = (selector: string) => page.textContent(selector)
    const thousands = (value: number) => value.toLocaleString('en-US')
    expect(await text('#cycles')).toBe(thousands(data.summary.cycles))
    expect(await text('#instructions')).toBe(thousands(data.summary.instructions!))
    expect(await text('#macs-per-cycle')).toBe((data.summary.macs / data.summary.cycles).toFixed(1))
    const cells = await page.$$eval('#layer-table tbody tr', (rows) =>
      rows.map((row) => [0, 3].map((column) => row.children[column]!.textContent)),
    )
    const told = ({ cycles, predictedCycles }: ReportData['layers'][number]) => {
      if (predictedCycles === undefined) return thousands(cycles)
      return `${thousands(cycles)}${predictedCycles === cycles ? 'as predicted' : `predicted ${thousands(predictedCycles)}`}`
    }
    expect(cells).toEqual(data.layers.map((layer) => [String(layer.index), told(layer)]))
    const moved = data.layers.reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0)
    const all = await page.$$eval('#layer-table tfoot tr:last-child td', (cells) =>
      cells.map(({ textContent }) => textContent),
    )
    expect([all[3], all[7], all[8]]).toEqual([
      thousands(data.summary.cycles),
      thousands(data.summary.macs),
      `${(moved / 1024).toFixed(1)} KiB`,
    ])
  })

  it('shows the hart in the numbers of its data', async ({ data, page }) => {
    const thousands = (value: number) => value.toLocaleString('en-US')
    const cells = (table: string, columns: readonly number[]) =>
      page.$$eval(
        `${table} tbody tr`,
        (rows, wanted) => rows.map((row) => wanted.map((column) => row.children[column]!.textContent)),
        columns,
      )
    const { causes, functions, lines, devices } = data.hart!
    const spent = Object.entries(causes).filter(([, cycles]) => cycles > 0)
    const shown = await cells('#cause-table', [1])
    expect(shown.flat().toSorted()).toEqual(spent.map(([, cycles]) => thousands(cycles)).toSorted())
    expect(await cells('#function-table', [1, 3])).toEqual(
      functions.slice(0, 12).map(({ cycles, totalCycles }) => [thousands(cycles), thousands(totalCycles)]),
    )
    await page.click('#hart .part:has(#line-table) button.more')
    expect(await page.evaluate(() => document.activeElement!.getAttribute('aria-label'))).toBe('Cycles by source line')
    expect(await cells('#line-table', [1])).toEqual(lines.map(({ cycles }) => [thousands(cycles)]))
    expect(await cells('#device-table', [0, 1, 2])).toEqual(
      devices.slice(0, 12).map(({ device, register, reads, writes }) => {
        return [`${device} ${register}`, thousands(reads), thousands(writes)]
      }),
    )
  })

  it('holds its data once, to save', async ({ data, page }) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a.save')])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(data)
  })

  it('sorts layers by a click or a key, and says so', async ({ data, page }) => {
    const order = () =>
      page.$$eval('#layer-table tbody tr td:nth-child(4)', (cells) =>
        cells.map((cell) => Number(/^[\d,]+/.exec(cell.textContent!)![0].replaceAll(',', ''))),
      )
    await page.click('th button:text("Cycles")')
    expect(await order()).toEqual(data.layers.map(({ cycles }) => cycles).toSorted((a, b) => b - a))
    await page.focus('th button:text("Cycles")')
    await page.keyboard.press('Enter')
    expect(await order()).toEqual(data.layers.map(({ cycles }) => cycles).toSorted((a, b) => a - b))
    expect(await page.getAttribute('th:has(button:text("Cycles"))', 'aria-sort')).toBe('ascending')
  })

  it('zooms into functions, and back', async ({ page }) => {
    const names = () => page.$$eval('.frame', (frames) => frames.map(({ textContent }) => textContent))
    const all = await names()
    expect(all).toContain('softmax_s8')
    await page.click('.frame:text("softmax_s8")')
    expect(await names()).not.toContain('ring_wait')
    expect(await page.textContent('#flame .details')).toMatch(/^softmax_s8: [\d,]+ cycles, [\d.]+ %$/)
    await page.click('.frame >> nth=0')
    expect(await names()).toEqual(all)
  })

  it.for(['light', 'dark'] as const)('can be read in %s', async (colorScheme, { html, open }) => {
    const { page } = await open(html, { colorScheme })
    const colours = await page.evaluate(() => {
      const context = document.createElement('canvas').getContext('2d')!
      const rgb = (name: string) => {
        context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)
        context.fillRect(0, 0, 1, 1)
        return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
      }
      const names = [
        'page',
        'panel',
        'track',
        'text',
        'muted',
        'accent',
        'good',
        'on-colour',
        'compute',
        'dma-in',
        'dma-out',
        'cpu',
        'call',
        'call-odd',
        'trap',
        'idle',
      ]
      return Object.fromEntries(names.map((name) => [name, rgb(name)]))
    })
    const between = (a: string, b: string) => contrast(colours[a]!, colours[b]!)
    const pairs = [
      ...['text', 'muted', 'accent', 'good'].map((name) => [name, 'panel']),
      ...['text', 'muted', 'accent'].map((name) => [name, 'page']),
      ['text', 'idle'],
      ...['compute', 'dma-in', 'dma-out', 'cpu', 'call', 'call-odd', 'trap'].map((name) => ['on-colour', name]),
    ] as [string, string][]
    expect(pairs.filter(([a, b]) => between(a, b) < 4.5)).toEqual([])
    // What shapes show must stand out from what is behind them (WCAG 1.4.11).
    expect(['compute', 'dma-in', 'dma-out', 'cpu'].filter((name) => between(name, 'panel') < 3)).toEqual([])
  })

  it('fits a telephone, and paper', async ({ html, open }) => {
    const { page, complaints } = await open(html, {
      viewport: { width: 400, height: 800 },
      hasTouch: true,
      isMobile: true,
    })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
    await page.emulateMedia({ media: 'print' })
    expect(await page.isVisible('nav')).toBe(false)
    // A sheet of A4 between margins of one centimetre, in pixels.
    await page.setViewportSize({ width: 718, height: 1000 })
    const tables = await page.$$eval('table', (all) => all.map((one) => one.getBoundingClientRect().right))
    expect(Math.max(...tables)).toBeLessThanOrEqual(718)
    expect((await page.pdf()).length).toBeGreaterThan(10_000)
    expect(complaints).toEqual([])
  })

  it('can be walked through by Tab, with a name on everything that is reached', async ({ data, html, open }) => {
    const { page } = await open(html)
    const reached: string[] = []
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const name = await page.evaluate(() => {
        const at = document.activeElement!
        return `${at.closest('section')?.id ?? at.closest('header')?.localName}|${at.getAttribute('aria-label') ?? at.textContent}`
      })
      reached.push(name)
    }
    expect(reached.filter((name) => /\|\s*$/.test(name))).toEqual([])
    // Of two things with one name nobody knows which is which.
    const layers = reached.filter((name) => /^layers\|.*show in the timeline$/.test(name))
    expect(new Set(layers).size).toBe(data.layers.length)
    const sections = [...new Set(reached.map((name) => name.split('|')[0]))]
    expect(sections.slice(0, 7)).toEqual(['header', 'layers', 'timeline', 'roofline', 'memory', 'flame', 'hart'])
  })

  it('leaves out what was not recorded', async ({ data, open }) => {
    const { hart: _, flame: __, findings: ___, timeline, ...rest } = data
    const { waits: ____, ...units } = timeline
    const bare = {
      ...rest,
      timeline: { ...units, calls: { ...units.calls, name: [], depth: [], from: [], until: [] } },
    }
    const { page, complaints } = await open(await reportPage(bare))
    expect(complaints).toEqual([])
    for (const id of ['hart', 'flame']) expect(await page.$(`#${id}`)).toBeNull()
    expect(await page.textContent('#findings')).toContain('It did not look on.')
    expect(await page.getAttribute('#timeline-canvas', 'aria-label')).not.toMatch(/hart|functions/)
  })

  it('of a MobileNet is far below 2 MB, and opens without a complaint', async ({ open, skip }) => {
    const model = sharedModel('vww_mobilenet_v1')
    if (model === undefined) return skip('the shared models are not here')
    const mobileNet = await reportPage((await inferenceReport(model)).data)
    expect(mobileNet.length).toBeLessThan(200_000)
    const { page, complaints } = await open(mobileNet)
    expect(complaints).toEqual([])
    expect(await page.$$('#layer-table tbody tr')).toHaveLength(30)
  }, 60_000)

  it('shows findings, that there are none, or that nobody looked', async ({ data, open }) => {
    const finding = {
      kind: 'race',
      at: 1234,
      message: 'two at once',
      times: 3,
      first: { what: 'command 7 (load)', at: 1200 },
    }
    const { page } = await open(await reportPage({ ...data, findings: [finding] }))
    expect(await page.textContent('#findings li')).toBe(
      'race at cycle 1,234, 3 timestwo at oncecycle 1,200: command 7 (load)',
    )
    const none = (await open(await reportPage({ ...data, findings: [] }))).page
    expect(await none.textContent('#findings')).toContain('It found nothing.')
  })
})
