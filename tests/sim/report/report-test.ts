import { test } from 'vitest'
import { reportPage } from '../../../sim/cli/report-page.ts'
import { type OpenPage, openBrowser, openReport, type PageOptions } from './browser.ts'
import { digitsReport } from './digits.ts'

/**
 * A test of the report of the digits network in a browser: its `data`, its `html`, and `shared`, where that is open for all
 * tests of the file, one after the other. `open` opens another page, for the test alone.
 */
export const it = test
  .extend('data', { scope: 'file' }, async () => (await digitsReport()).data)
  .extend('html', { scope: 'file' }, ({ data }) => reportPage(data))
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads off the pattern which fixtures a fixture needs.
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await openBrowser()
    onCleanup(() => browser.close())
    return browser
  })
  .extend('shared', { scope: 'file' }, ({ browser, html }) => openReport(browser, html))
  .extend('page', { scope: 'file' }, ({ shared }) => shared.page)
  .extend('open', ({ browser }, { onCleanup }) => {
    const opened: OpenPage[] = []
    onCleanup(async () => {
      for (const { page } of opened) await page.close()
    })
    return async (html: string, options: PageOptions = {}): Promise<OpenPage> => {
      const one = await openReport(browser, html, options)
      opened.push(one)
      return one
    }
  })
