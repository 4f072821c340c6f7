/**
 * Puts the command line, as the compiler has left it in dist, into few files together with the packages that it uses:
 * loading 150 small ones would take longer than a small program runs. `npm run build` calls it after the compiler.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

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
  // Packages in CommonJS ask for Node's modules by require, which an ES module has not.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
})

/** Folders of the packages that are in the files now: their licences want to go with them. */
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(dirname(file))?.[0] ?? []),
)
const notices = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry) && existsSync(join(folder, entry)))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
})
writeFileSync(join(out, 'third-party-licences.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`))
