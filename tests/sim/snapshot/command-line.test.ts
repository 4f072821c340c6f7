import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { makeElf } from '../elf/make-elf.ts'
import { asm, bytes, exit, li, START } from '../guest.ts'

const folder = mkdtempSync(join(tmpdir(), 'sim-snapshot-'))
afterAll(() => rmSync(folder, { recursive: true }))
const main = fileURLToPath(new URL('../../../sim/cli/main.ts', import.meta.url))

function sim(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

const loop = [...li(5, 1000), asm('addi', { rd: 5, rs1: 5, imm: -1 }), asm('bne', { rs1: 5, rs2: 0, imm: -4 })]
const firmware = (name: string, program: readonly number[]) =>
  writeFileSync(join(folder, name), makeElf({ entry: START, segments: [{ address: START, bytes: bytes(program) }] }))
firmware('fw.elf', [...loop, ...exit])
firmware('other.elf', [...loop, ...loop, ...exit])

describe('sim run with snapshots', () => {
  test('saves on the way, and goes on from there to the same end', async () => {
    const whole = JSON.parse((await sim('run', 'fw.elf', '--json', '--snapshot-at', '500=a.snap')).out)
    const rest = JSON.parse((await sim('run', 'fw.elf', '--json', '--restore', 'a.snap')).out)
    expect({ ...rest, host: undefined }).toEqual({ ...whole, host: undefined })
    expect(readdirSync(folder).filter((name) => name.includes('snap'))).toEqual(['a.snap'])
  })

  test('may replace the snapshot that it began with', async () => {
    await sim('run', 'fw.elf', '--snapshot-at', '300=roll.snap')
    expect((await sim('run', 'fw.elf', '--restore', 'roll.snap', '--snapshot-at', '600=roll.snap')).code).toBe(0)
    const [whole, rest] = await Promise.all([
      sim('run', 'fw.elf', '--json'),
      sim('run', 'fw.elf', '--restore', 'roll.snap', '--json'),
    ])
    expect({ ...JSON.parse(rest.out), host: undefined }).toEqual({ ...JSON.parse(whole.out), host: undefined })
  })

  test('says which snapshots were not taken because the run had ended before', async () => {
    const { code, err } = await sim(
      'run',
      'fw.elf',
      '--snapshot-at',
      '5=early.snap',
      '--snapshot-at',
      '999999=late.snap',
    )
    expect(code).toBe(0)
    expect(err).toMatch(/^sim: late\.snap was not written: the run ended at cycle \d+, before 999999$/m)
    expect(err).not.toContain('early.snap')
  })

  test('refuses what does not fit, in one sentence', async () => {
    await sim('run', 'fw.elf', '--snapshot-at', '500=b.snap')
    const other = await sim('run', 'other.elf', '--restore', 'b.snap')
    expect(other).toMatchObject({ code: 125, out: '' })
    expect(other.err).toMatch(/^sim: b\.snap: the snapshot is of another program; [^\n]*\n$/)
    writeFileSync(join(folder, 'bad.snap'), 'PRESNAP\nnot at all')
    expect((await sim('run', 'fw.elf', '--restore', 'bad.snap')).err).toMatch(
      /^sim: bad\.snap: it is no snapshot; [^\n]*\n$/,
    )
    expect(await sim('run', 'fw.elf', '--restore', 'none.snap')).toMatchObject({ code: 125 })
  })

  test('says when a snapshot cannot be written, and what the option looks like', async () => {
    const { code, err } = await sim('run', 'fw.elf', '--snapshot-at', '5=no/such/folder.snap')
    expect(code).toBe(125)
    expect(err).toMatch(/the snapshot cannot be written \(ENOENT\)/)
    expect((await sim('run', 'fw.elf', '--snapshot-at', 'soon')).err).toContain('1000000=state.snap')
  })
})
