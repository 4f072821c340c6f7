import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../../sim/cli/report-page.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { browserPath, openBrowser, openReport } from './browser.ts'
import { digitsReport } from './digits.ts'

const folder = mkdtempSync(join(tmpdir(), 'presilicon-names-'))
let browser: Browser
let data: ReportData

/** The data with every text that a guest can choose replaced, and with a finding. */
const renamed = (name: (text: string) => string) => {
  const side = { what: 'load', at: 10, function: 'wait', caller: 'main', place: { file: 'a.c', line: 1 } }
  const finding = { kind: 'race', at: 10, message: 'two at once', times: 2, first: side, second: { ...side, at: 5 } }
  return JSON.parse(JSON.stringify({ ...data, findings: [finding] }), (key, value: unknown) =>
    typeof value === 'string' && !['dtype', 'target'].includes(key) ? name(value) : value,
  ) as ReportData
}

describe.skipIf(browserPath === undefined)('names of a guest', () => {
  beforeAll(async () => {
    browser = await openBrowser()
    data = (await digitsReport()).data
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are never taken for markup, wherever they come from', async () => {
    const evil = '</script><img src=x onerror="window.taken=1"><svg onload="window.taken=1">&amp;'
    /** Every text that a guest can choose, replaced. */
    const hostile = JSON.parse(JSON.stringify(data), (key, value: unknown) =>
      typeof value === 'string' && !['dtype', 'target'].includes(key) ? evil : value,
    ) as ReportData
    const finding = { kind: evil, at: 1, message: evil, times: 2, first: { what: evil, at: 1, function: evil } }
    const html = await reportPage({ ...hostile, findings: [finding] })
    const { page, complaints } = await openReport(browser, folder, html)
    expect(await page.textContent('h1')).toBe(evil)
    expect(await page.title()).toBe(`${evil}: report`)
    await page.focus('#timeline-canvas')
    await page.keyboard.press('n')
    expect(await page.textContent('#timeline .details')).toContain(evil)
    expect(await page.evaluate(() => (window as unknown as { taken?: number }).taken)).toBeUndefined()
    expect(await page.$$('img')).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })

  it('neither hide nor turn what stands beside them', async () => {
    const html = await reportPage(renamed((text) => `\u202e${text}\u0007`))
    const { page, complaints } = await openReport(browser, folder, html)
    expect(await page.textContent('h1')).toBe('\\u202edigits.tflite\\u0007')
    expect(await page.title()).toBe('\\u202edigits.tflite\\u0007: report')
    const text = (await page.textContent('body'))!
    const labels = await page.$$eval('[aria-label]', (all) => all.map((one) => one.getAttribute('aria-label')!))
    expect([text, ...labels].filter((shown) => shown.includes('\u202e') || shown.includes('\u0007'))).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })
})
