/** Puts the script of the report's page and the packages that it uses into one text. Needs the sources and esbuild. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

/** What a page is made from, beside its data. */
export interface PageParts {
  readonly script: string
  readonly style: string
}

export async function buildReportPage(): Promise<PageParts> {
  const folder = fileURLToPath(new URL('../report/page/', import.meta.url))
  const { outputFiles, metafile } = await build({
    entryPoints: [join(folder, 'main.ts'), join(folder, 'style.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
  })
  const output = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))!.text.trim()
  return { script: `/*!\n${licenceNotices(metafile)}\n*/\n${output('.js')}`, style: output('.css') }
}

/** Licences of the packages that esbuild has put into its output: they want to go with them. */
export function licenceNotices(metafile: Metafile): string {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(dirname(file))?.[0] ?? [],
    ),
  )
  const notices = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry) && existsSync(join(folder, entry)))
    const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    return `${name} ${version} (${license})\n${text}`
  })
  return notices.join(`\n${'-'.repeat(80)}\n\n`)
}
