import { describe, expect } from 'vitest'
import { reportPage } from '../../../sim/cli/report-page.ts'
import type { ReportData } from '../../../sim/report/report-data.ts'
import { browserPath } from './browser.ts'
import { it } from './report-test.ts'

/** The data with every text that a guest can choose replaced, and with a finding. */
const renamed = (data: ReportData, name: (text: string) => string) => {
  const side = { what: 'load', at: 10, function: 'wait', caller: 'main', place: { file: 'a.c', line: 1 } }
  const finding = { kind: 'race', at: 10, message: 'two at once', times: 2, first: side, second: { ...side, at: 5 } }
  return JSON.parse(JSON.stringify({ ...data, findings: [finding] }), (key, value: unknown) =>
    typeof value === 'string' && !['dtype', 'target'].includes(key) ? name(value) : value,
  ) as ReportData
}

describe.skipIf(browserPath === undefined)('names of a guest', () => {
  it('are never taken for markup, wherever they come from', async ({ data, open }) => {
    const evil = '</script><img src=x onerror="window.taken=1"><svg onload="window.taken=1">&amp;'
    /** Every text that a guest can choose, replaced. */
    const hostile = JSON.parse(JSON.stringify(data), (key, value: unknown) =>
      typeof value === 'string' && !['dtype', 'target'].includes(key) ? evil : value,
    ) as ReportData
    const finding = { kind: evil, at: 1, message: evil, times: 2, first: { what: evil, at: 1, function: evil } }
    const html = await reportPage({ ...hostile, findings: [finding] })
    const { page, complaints } = await open(html)
    expect(await page.textContent('h1')).toBe(evil)
    expect(await page.title()).toBe(`${evil}: report`)
    await page.focus('#timeline-canvas')
    await page.keyboard.press('n')
    expect(await page.textContent('#timeline .details')).toContain(evil)
    expect(await page.evaluate(() => (window as unknown as { taken?: number }).taken)).toBeUndefined()
    expect(await page.$$('img')).toEqual([])
    expect(complaints).toEqual([])
  })

  it.for([1280, 400])(
    'may be very long: nothing reaches over the edge of a page of %i pixels',
    async (width, { data, open }) => {
      const long = 'presilicon::Kernel<int8_t,16ul,32ul>::operator()(View<const_signed_char>&)::'.repeat(6)
      const html = await reportPage(renamed(data, (text) => long + text))
      const { page, complaints } = await open(html, { viewport: { width, height: 900 } })
      const outside = await page.evaluate(() => {
        // What scrolls by itself, and what a frame cuts off, is inside.
        const own = (one: Element) => one.closest('.scroll, svg, .frame') === null
        const all = [...document.querySelectorAll('#page *')].filter(own)
        return all.flatMap((one) =>
          one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 ? [one.outerHTML.slice(0, 80)] : [],
        )
      })
      expect(outside).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      // Numbers beside long names stay in sight.
      for (const cycles of ['#layer-table tbody td:nth-child(4)', '#function-table tbody td:nth-child(2)']) {
        const box = (await page.locator(cycles).first().boundingBox())!
        expect(box.x).toBeLessThan(width === 400 ? 320 : 600)
      }
      expect(complaints).toEqual([])
    },
  )

  it('neither hide nor turn what stands beside them', async ({ data, open }) => {
    const html = await reportPage(renamed(data, (text) => `\u202e${text}\u0007`))
    const { page, complaints } = await open(html)
    expect(await page.textContent('h1')).toBe('\\u202edigits.tflite\\u0007')
    expect(await page.title()).toBe('\\u202edigits.tflite\\u0007: report')
    const text = (await page.textContent('body'))!
    const labels = await page.$$eval('[aria-label]', (all) => all.map((one) => one.getAttribute('aria-label')!))
    expect([text, ...labels].filter((shown) => shown.includes('\u202e') || shown.includes('\u0007'))).toEqual([])
    expect(complaints).toEqual([])
  })

  it('of a finding: a click selects it, and shows both of its sides', async ({ data, open }) => {
    const { page } = await open(await reportPage(renamed(data, (text) => text)))
    expect(await page.textContent('nav a[href="#findings"]')).toBe('Sanitizer: 1 finding')
    expect(await page.textContent('#findings li')).toContain('cycle 10: load, wait (a.c:1), called by main')
    await page.click('#findings button')
    expect(await page.textContent('#timeline .details')).toBe('racecycle 10two at once')
  })
})
