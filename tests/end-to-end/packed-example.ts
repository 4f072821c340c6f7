/**
 * Packs this repository, installs the package in an empty folder, and runs the example of docs/testing.md there as a
 * reader would. Takes a minute, most of it npm's.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'presilicon-packed-'))
const run = (program: string, args: readonly string[], cwd = folder) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
/** Version of a package that this repository tests with. */
const tested = (name: string) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version as string

try {
  run('npm', ['run', 'build'], '.')
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], '.'),
  )
  const page = readFileSync('docs/testing.md', 'utf8')
  const examples = [...page.matchAll(/^`(\S+)`\n```\w+\n(.*?)^```/gms)]
  for (const [, name, text] of examples) writeFileSync(join(folder, name!), text!)
  run('npm', ['init', '-y'])
  run('npm', ['pkg', 'set', 'type=module'])
  const packages = ['vitest', 'fast-check', 'typescript'].map((name) => `${name}@${tested(name)}`)
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, filename), ...packages])
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023']
  run('npx', ['tsc', ...flags, 'kernels.test.ts'])
  process.stdout.write(run('npx', ['vitest', 'run']))
  process.stdout.write(run('npx', ['sim', '--version']))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
