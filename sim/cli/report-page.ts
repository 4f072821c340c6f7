/** A report as one HTML file that needs nothing else: no network, no other file. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync, strToU8 } from 'fflate'
import type { ReportData } from '../report/report-data.ts'
import { visibleText } from '../report/visible-text.ts'
import type { PageParts } from './build-report-page.ts'

/** Folder in a build, and its files. */
export const PAGE_FOLDER = 'report-page'
export const pageFiles = { script: 'page.js', style: 'page.css' } as const

export async function reportPage(data: ReportData): Promise<string> {
  const { script, style } = await pageParts()
  const packed = Buffer.from(gzipSync(strToU8(JSON.stringify(data)), { level: 9, mtime: 0 })).toString('base64')
  const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; img-src data:`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Presilicon">
<link rel="icon" href="data:,">
<title>${escapeText(visibleText(data.title))}: report</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This report is drawn by a script: allow scripts to see it.</noscript></div>
<script type="text/plain" id="report-data">${packed}</script>
<script type="module">${script}</script>
</body>
</html>
`
}

/** What the policy lets run is exactly what stands here. */
const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const escapeText = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`)

/** From the build above this file or, in a clone that runs from sources, made now. */
async function pageParts(): Promise<PageParts> {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, PAGE_FOLDER, pageFiles.script))) {
    if (dirname(folder) === folder) return (await import('./build-report-page.ts')).buildReportPage()
    folder = dirname(folder)
  }
  const read = (name: string) => readFileSync(join(folder, PAGE_FOLDER, name), 'utf8')
  return { script: read(pageFiles.script), style: read(pageFiles.style) }
}
