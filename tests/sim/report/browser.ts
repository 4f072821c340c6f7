import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findExecutable } from '../../../compiler/toolchain/find-executable.ts'

/** The browser of this machine. */
export const browserPath = findExecutable(['chromium', 'chromium-browser', 'google-chrome'])
if (browserPath === undefined) console.warn('tests in a browser are skipped: chromium is not installed')

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: browserPath!, args: flags })

/** A page that has been drawn, and what it should not have done. */
export interface OpenPage {
  readonly page: Page
  /** Console errors and warnings, uncaught errors, and requests for anything but the file itself. */
  readonly complaints: readonly string[]
}

export type PageOptions = NonNullable<Parameters<Browser['newPage']>[0]>

/** Opens a report as a file, as a reader does. */
export async function openReport(browser: Browser, html: string, options: PageOptions = {}): Promise<OpenPage> {
  const folder = mkdtempSync(join(tmpdir(), 'presilicon-report-'))
  const file = join(folder, 'report.html')
  writeFileSync(file, html)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })
  page.on('close', () => rmSync(folder, { recursive: true }))
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && request.url() !== pathToFileURL(file).href)
      complaints.push(request.url())
  })
  await page.goto(pathToFileURL(file).href)
  await page.waitForSelector('html[data-ready]', { timeout: 60_000 })
  return { page, complaints }
}
