/**
 * Puts the command line, as the compiler has left it in dist, into few files together with the packages that it uses:
 * loading 150 small ones would take longer than a small program runs. Makes the page of reports, too. `npm run build`
 * calls it after the compiler.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildReportPage, licenceNotices } from './sim/cli/build-report-page.ts'
import { PAGE_FOLDER, pageFiles } from './sim/cli/report-page.ts'

const out = 'dist'
const chunks = join(out, 'chunks')

rmSync(chunks, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: ['sim/cli/main.ts'],
  outbase: '.',
  outdir: out,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  metafile: true,
  // Only a clone builds the page of reports when it is wanted; a build has it.
  external: ['esbuild'],
  // Packages in CommonJS ask for Node's modules by require, which an ES module has not.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
})

writeFileSync(join(out, 'third-party-licences.txt'), licenceNotices(metafile))

const page = await buildReportPage()
mkdirSync(join(out, PAGE_FOLDER), { recursive: true })
writeFileSync(join(out, PAGE_FOLDER, pageFiles.script), page.script)
writeFileSync(join(out, PAGE_FOLDER, pageFiles.style), page.style)
