import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCommandLine } from '../../../sim/cli/build-command-line.ts'
import { bundleFiles } from '../../../sim/cli/bundle.ts'
import { makeElf } from '../elf/make-elf.ts'
import { bytes, exit, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-built-'))
const code = join(folder, bundleFiles.code)
const sim = (...args: readonly string[]) =>
  execFileSync(process.execPath, [join(folder, 'main.js'), ...args], { cwd: folder, encoding: 'utf8' })
/** In a process of its own, for a test's has V8 options of its own. */
function isCompiled(): boolean {
  const bundle = pathToFileURL(new URL('../../../sim/cli/bundle.ts', import.meta.url).pathname).href
  const script = `import { loadBundle } from '${bundle}'; console.log(loadBundle(new URL('${pathToFileURL(`${folder}/`)}')).compiled)`
  const options = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script]
  return execFileSync(process.execPath, options, { encoding: 'utf8' }) === 'true\n'
}

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "version": "1.2.3" }')
  writeFileSync(
    join(folder, 'end.elf'),
    makeElf({ entry: START, segments: [{ address: START, bytes: bytes(exit) }], symbols: [] }),
  )
  await buildCommandLine(folder)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe('a built command line', () => {
  it('runs programs, and finds its package', () => {
    expect(JSON.parse(sim('run', 'end.elf', '--json'))).toMatchObject({ reason: 'exit', exitCode: 0 })
    expect(sim('--version')).toBe('1.2.3\n')
  })

  it('has its code compiled', () => {
    expect(statSync(code).size).toBeGreaterThan(100_000)
    expect(isCompiled()).toBe(true)
  })

  it('runs without compiled code, or with what another V8 has compiled', () => {
    const compiled = readFileSync(code)
    // The second word is V8's version.
    compiled[4] = compiled[4]! ^ 1
    writeFileSync(code, compiled)
    expect(isCompiled()).toBe(false)
    expect(JSON.parse(sim('run', 'end.elf', '--json')).exitCode).toBe(0)
    rmSync(code)
    expect(isCompiled()).toBe(false)
    expect(JSON.parse(sim('run', 'end.elf', '--json')).exitCode).toBe(0)
  })
})
