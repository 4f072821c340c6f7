/**
 * The command line in one file, and V8's compiled code of it: with it nothing is parsed when `sim` starts, which
 * would take longer than a small program runs. V8 refuses code that another version of it has compiled; then it compiles
 * as usual.
 */
import type { sim } from './sim.ts'

// An import of `node:fs` by an ES module would also load Node's streams and promises of files.
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
const { createRequire } = process.getBuiltinModule('node:module')
const { fileURLToPath } = process.getBuiltinModule('node:url')
const { Script } = process.getBuiltinModule('node:vm')

/** Names of both files. */
export const bundleFiles = { script: 'sim.cjs', code: 'sim.code' } as const

/** What stands around a bundle in CommonJS: its file is one expression, a function. */
export const bundleWrapper = { begin: '(function(require,module,bundleUrl){', end: 'return module.exports})' } as const

export interface Bundle {
  readonly sim: typeof sim
  /** Whether V8 has taken the compiled code. */
  readonly compiled: boolean
  /** Writes what is compiled by now, for the next time. */
  writeCode(): void
}

/** @param folder where the files are, with a slash at its end */
export function loadBundle(folder: URL): Bundle {
  const url = new URL(bundleFiles.script, folder)
  const code = new URL(bundleFiles.code, folder)
  const filename = fileURLToPath(url)
  const cachedData = readIfThere(code)
  // A bundle is plain ASCII.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) })
  const { sim } = script.runInThisContext()(createRequire(url), { exports: {} }, url.href)
  return {
    sim,
    compiled: cachedData !== undefined && script.cachedDataRejected !== true,
    writeCode: () => writeFileSync(code, script.createCachedData()),
  }
}

function readIfThere(file: URL): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
