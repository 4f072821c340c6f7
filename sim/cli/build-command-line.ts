/** Puts the command line and the packages that it uses into one file, with compiled code. Needs the sources and esbuild. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { bundleFiles, bundleWrapper } from './bundle.ts'

/**
 * Writes `main.js`, the bundle and its compiled code.
 *
 * @returns what went into the bundle
 */
export async function buildCommandLine(folder: string): Promise<Metafile> {
  const source = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
  } as const
  // Code compiled from an older bundle of the same length would be taken for this one's.
  rmSync(join(folder, bundleFiles.code), { force: true })
  const { metafile } = await build({
    ...common,
    entryPoints: [source('sim.ts')],
    outfile: join(folder, bundleFiles.script),
    format: 'cjs',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: bundleWrapper.begin },
    footer: { js: bundleWrapper.end },
    sourcemap: true,
    metafile: true,
    // Only a clone builds the page of reports when it is wanted; a build has it.
    external: ['esbuild'],
  })
  const scripts = { main: source('main-of-build.ts'), 'write-compiled-code': source('write-compiled-code.ts') }
  await build({ ...common, entryPoints: scripts, outdir: folder, format: 'esm' })
  const model = source('../../programs/digits/digits.tflite')
  execFileSync(process.execPath, [join(folder, 'write-compiled-code.js'), model], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return metafile
}
