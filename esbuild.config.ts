/**
 * Puts the command line, as the compiler has left it in dist, into one file together with the packages that it uses:
 * loading 150 small ones would take longer than a small program runs. Makes the page of reports, too. `npm run build`
 * calls it after the compiler.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildCommandLine } from './sim/cli/build-command-line.ts'
import { buildReportPage, licenceNotices } from './sim/cli/build-report-page.ts'
import { PAGE_FOLDER, pageFiles } from './sim/cli/report-page.ts'

const out = 'dist'

const metafile = await buildCommandLine(join(out, 'sim', 'cli'))
writeFileSync(join(out, 'third-party-licences.txt'), licenceNotices(metafile))

const page = await buildReportPage()
mkdirSync(join(out, PAGE_FOLDER), { recursive: true })
writeFileSync(join(out, PAGE_FOLDER, pageFiles.script), page.script)
writeFileSync(join(out, PAGE_FOLDER, pageFiles.style), page.style)
