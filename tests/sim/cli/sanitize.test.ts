/** `sim run --sanitize` and `--inject`: what is printed, and exit codes. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildPlanted } from '../../../programs/planted-bugs/build.ts'

const folder = mkdtempSync(join(tmpdir(), 'sanitize-'))
const bug = join(folder, 'bug.elf')
const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

beforeAll(async () => writeFileSync(bug, await buildPlanted(true, 'unordered-read')), 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

function sim(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, 'run', ...args],
    {
      encoding: 'utf8',
    },
  )
  return { status, stdout, stderr }
}

it('reports findings on stderr and in the JSON object, and exits with 123', () => {
  const { status, stdout, stderr } = sim('--json', '--sanitize', bug)
  expect(status).toBe(123)
  expect(stderr).toContain('sanitizer: unordered-read at cycle')
  expect(stderr).toContain('queued by unordered_read (unordered-read.c:18)')
  const { exitCode, findings, furtherFindings } = JSON.parse(stdout)
  expect({ exitCode, furtherFindings }).toEqual({ exitCode: 0, furtherFindings: 0 })
  expect(findings).toMatchObject([
    { kind: 'unordered-read', first: { function: 'unordered_read', place: { line: 18 } } },
  ])
})

it('looks for some kinds only, and refuses those that do not exist', () => {
  const silent = sim('--sanitize=no-unordered-read', bug)
  expect(silent).toMatchObject({ status: 0, stdout: '', stderr: expect.stringMatching(/^sanitizer: nothing found\n/) })
  const { status, stderr } = sim('--sanitize=bugs', bug)
  expect(status).toBe(125)
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('the sanitizer finds nothing of kind bugs')])
})

it('says which faults it has injected, and refuses malformed ones in one sentence', () => {
  const { status, stdout } = sim('--json', '--max-cycles', '100000', '--inject', 'stuck:unit=store,at=0', bug)
  expect(status).not.toBe(0)
  expect(JSON.parse(stdout).injected).toEqual(['cycle 0: unit store is stuck'])
  const wrong = sim('--inject', 'stuck:unit=store', bug)
  expect(wrong.status).toBe(125)
  expect(wrong.stderr.trim()).toBe(
    'sim: in --inject stuck:unit=store, at is missing; write it as stuck:unit=load,at=5000',
  )
})
